// What an administrator may revoke of somebody, and in words what that does.

/**
 * The revocations that end a stream of somebody, or keep out who publishes: the first is what is usually meant.
 *
 * @param holder the issuer and subject of a token, and its jti and expires where they are known
 * @param now a Date by the hub's clock, by which it compares when tokens were issued
 */
export function choices({ issuer, subject, jti, expires }, now) {
  const all = [
    {
      name: 'until-now',
      label: `All that were issued before ${shown(now)}`,
      effect: `${subject} is signed out everywhere, and may come back with a new token.`,
      body: { issuer, subject, before: now.toISOString() },
    },
    {
      name: 'later-too',
      label: 'Also those that are issued later',
      effect: `${subject} is kept out for as long as auth.revocation says, by default for 366 days.`,
      body: { issuer, subject },
    },
  ];
  if (jti && expires) {
    all.push({
      name: 'one',
      label: 'Only the token of this stream',
      effect: `Other tokens of ${subject} stay valid.`,
      body: { issuer, jti, until: expires },
    });
  }
  return all;
}

/** Whose tokens a revocation is about, and which of them. */
export function described({ jti, subject, before }) {
  if (jti) return { whose: 'one token', which: `the id is ${jti}` };
  return { whose: subject ?? 'everybody', which: before ? `issued before ${shown(new Date(before))}` : 'all' };
}

/** Has the hub store a revocation. Promises what went wrong; empty if nothing did. */
export async function revoke(body) {
  try {
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch('revocations', { method: 'POST', headers, body: JSON.stringify(body) });
    return response.ok ? '' : (await response.json()).detail;
  } catch {
    return 'The hub can\u2019t be reached: it is not known whether they are revoked. Try again.';
  }
}

export const shown = (time) => time.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
