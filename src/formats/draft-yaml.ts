/** A YAML scalar; quoted where it is not a plain word, and where it would be read as a number or a truth. */
export const quoted = (text: string): string =>
  /^[A-Za-z0-9_.][\w./ ()+-]*$/u.test(text) && !/: |\s$/u.test(text) && !isOther(text)
    ? text
    : JSON.stringify(text);

const isOther = (text: string): boolean =>
  !Number.isNaN(Number(text)) || /^(?:true|false|null|yes|no|on|off|\.nan|\.inf)$/iu.test(text);
