/* Which closes are final: the client or the object meant it so. */
const finalCodes = new Set([1000, 1002, 1003, 1007, 1008, 1009]);

/* How many milliseconds to wait before connecting again; null for never. */
function pause(code, reason, attempt) {
  if (finalCodes.has(code) || code >= 3000) return null;
  const hint = code === 1012 && /^retry=(\d{1,6})$/.exec(reason);
  if (hint && attempt === 0) return Number(hint[1]);
  const longest = Math.min((code === 1013 ? 5000 : 500) * 2 ** attempt, 30000);
  return longest * (0.5 + Math.random() / 2);
}
