export const toPdf = (_svg: string, _title: string): Uint8Array => new Uint8Array();
