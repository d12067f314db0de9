/** JSON has no NaN: what could not be determined is null. */
const finite = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? null : value;

export const printJson = (data: unknown): void => console.log(JSON.stringify(data, finite, 2));
