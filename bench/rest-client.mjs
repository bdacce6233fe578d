/**
 * @typedef {{session_id: string, http_url: string, ws_url: string}} Session
 */

/**
 * The few requests that prepare a measurement.
 *
 * @param {{url: string, token: string}} address
 */
export function createRest({ url, token }) {
  const headers = { authorization: `Bearer ${token}` };

  /**
   * @param {string} target
   * @param {string} method
   * @param {object} [body]
   */
  async function send(target, method, body) {
    const json = body && { body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } };
    const response = await fetch(target, { method, headers, ...json });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${target}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  return {
    headers,

    /** @param {string} cwd @param {object} [settings] @returns {Promise<Session>} */
    createSession: (cwd, settings) => send(`${url}/api/sessions`, 'POST', { cwd, ...settings }),
    /** @param {Session} session @param {object} submission */
    submit: (session, submission) => send(`${session.http_url}/submit`, 'POST', submission),
    /** @param {Session} session */
    closeSession: (session) => send(`${session.http_url}?purge=true`, 'DELETE'),
  };
}
