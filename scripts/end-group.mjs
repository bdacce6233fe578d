/**
 * Ends every process of a group with SIGKILL.
 *
 * @param {number | undefined} pid The process that leads the group; undefined if it could not be started.
 */
export function endGroup(pid) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // No process of the group is left.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
