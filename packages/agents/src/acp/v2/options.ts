import { type Raw, readObjects, readText } from '../../map/read.js';
import { notice, type Update } from './wire.js';

/** The options of an agent, in words of version 1. */
export interface Options {
  /** The id of the option that stands for the modes. */
  readonly modeId: string | undefined;
  /** Takes a list of options. */
  read(options: unknown): { readonly configOptions: Raw[]; readonly modes?: Raw; readonly notices: Update[] };
}

/** Creates it. Version 2 has no modes beside the options: the option of that category is shown as the modes too. */
export function createOptions(): Options {
  let modeId: string | undefined;
  return {
    get modeId() {
      return modeId;
    },
    read(given) {
      const configOptions = readObjects(given, 256).map(
        ({ configId, ...option }) => ({ ...option, id: configId }) as Raw,
      );
      const unknown = configOptions.filter(({ type }) => type !== 'select' && type !== 'boolean');
      const notices = unknown.map(({ name, type }) =>
        notice('warning', `The agent has an option of a kind that is not known here: ${name} (${type}).`),
      );
      const mode = configOptions.find(({ category, type }) => category === 'mode' && type === 'select');
      modeId = readText(mode?.id);
      return { configOptions, ...(mode && { modes: mapModes(mode) }), notices };
    },
  };
}

function mapModes({ currentValue, options }: Raw): Raw {
  const values = readObjects(options, 256).flatMap((entry) =>
    Array.isArray(entry.options) ? readObjects(entry.options, 256) : [entry],
  );
  const availableModes = values.map(({ value, name, description }) => ({ id: value, name, description }));
  return { currentModeId: currentValue, availableModes };
}
