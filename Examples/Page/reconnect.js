/* Which closes are final: the client or the object meant it so. */
const finalCodes = new Set([1000, 1002, 1003, 1007, 1008, 1009]);

/* How many milliseconds to wait before connecting again; null for never. */
function pause(code, reason, attempt) {
  if (finalCodes.has(code) || code >= 3000) return null;
  const longest = Math.min((code === 1013 ? 5000 : 500) * 2 ** attempt, 30000);
  const backOff = longest * (0.5 + Math.random() / 2);
  /* The node says when to come back, to each client something else: never before that. */
  const hint = (code === 1012 || code === 1013) && /^retry=(\d{1,6})$/.exec(reason);
  if (!hint) return backOff;
  return attempt === 0 ? Number(hint[1]) : Math.max(Number(hint[1]), backOff);
}
