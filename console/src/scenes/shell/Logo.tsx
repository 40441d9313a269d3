/** Rows of a table, one of which leaves. */
export function Logo() {
  return <img src="/favicon.svg" alt="" width={26} height={26} />;
}
