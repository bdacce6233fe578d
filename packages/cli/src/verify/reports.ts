import { appendFile, writeFile } from 'node:fs/promises';
import { type Report, toAnnotations, toHtml, toJson, toJunit, toMarkdown, toText } from '@parleyhq/conformance';
import { InvalidArgumentError } from 'commander';

const FORMATS = { text: toText, junit: toJunit, json: toJson, html: toHtml, github: toMarkdown };

/** The format of a report. */
export type ReportFormat = keyof typeof FORMATS;

/** A report that was asked for. */
export interface RequestedReport {
  readonly format: ReportFormat;
  /** The file that it is written to; undefined for standard output. */
  readonly file: string | undefined;
}

/** The names of the formats. */
export const REPORT_FORMATS = Object.keys(FORMATS).join(', ');

/**
 * Reads `html` or `html=report.html`.
 *
 * @throws InvalidArgumentError for an unknown format.
 */
export function readReport(text: string, before: readonly RequestedReport[] = []): readonly RequestedReport[] {
  const [format = '', ...file] = text.split('=');
  if (!isFormat(format)) throw new InvalidArgumentError(`Expected one of ${REPORT_FORMATS}, or one with =FILE.`);
  return [...before, { format, file: file.length === 0 ? undefined : file.join('=') }];
}

/**
 * Writes a report in each requested format. Text also goes to standard output, unless a format for programs goes there.
 * `github` without a file writes annotations to standard output, and a summary to the file that GitHub names.
 */
export async function writeReports(report: Report, wanted: readonly RequestedReport[]): Promise<void> {
  const usesStdout = wanted.some(({ format, file }) => file === undefined && format !== 'github');
  const reports = usesStdout ? wanted : [{ format: 'text' as const, file: undefined }, ...wanted];
  for (const { format, file } of reports) {
    const summary = process.env.GITHUB_STEP_SUMMARY;
    if (file !== undefined) await writeFile(file, FORMATS[format](report));
    else if (format !== 'github') process.stdout.write(FORMATS[format](report));
    else {
      process.stdout.write(toAnnotations(report));
      if (summary !== undefined && summary !== '') await appendFile(summary, toMarkdown(report));
    }
  }
}

function isFormat(text: string): text is ReportFormat {
  return Object.hasOwn(FORMATS, text);
}
