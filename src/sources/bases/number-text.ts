const numberPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
/** Any number of so many decimal digits survives being stored. */
const exactDigits = 15;

/** Whether a text is a number as people and programs write them. */
export function isNumberText(text: string): boolean {
  return numberPattern.test(text);
}

/** Whether a text of a CSV file is a number that keeps all its digits: 007 is a code. */
export function isPlainNumber(text: string): boolean {
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text)) return false;
  return text.replace(/[-.]/g, '').length <= exactDigits || String(Number(text)) === text;
}
