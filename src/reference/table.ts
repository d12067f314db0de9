/** A table kept as JSON text: parsed on first use, so that importing it costs next to nothing. */
export function lazyTable<Row>(text: string): () => Record<string, Row> {
  let parsed: Record<string, Row> | null = null;
  return () => {
    parsed ??= JSON.parse(text) as Record<string, Row>;
    return parsed;
  };
}
