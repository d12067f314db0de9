/** Shows how far the stages of a run are: one living line on a terminal, a plain line per finished stage elsewhere. */
export interface ProgressView {
  update(stage: string, done: number, total: number): void;
  note(message: string): void;
  end(): void;
}

const barWidth = 20;
const redraw_ms = 80;

export function progressView(quiet: boolean, stream: NodeJS.WriteStream = process.stderr): ProgressView {
  if (quiet) return { update() {}, note() {}, end() {} };
  return stream.isTTY ? livingLine(stream) : plainLines(stream);
}

function plainLines(stream: NodeJS.WriteStream): ProgressView {
  const told = new Set<string>();
  return {
    update(stage, done, total) {
      if (done < total || total === 0 || told.has(stage)) return;
      told.add(stage);
      stream.write(`${stage}: ${total} of ${total}\n`);
    },
    note: (message) => stream.write(`${message}\n`),
    end() {},
  };
}

function livingLine(stream: NodeJS.WriteStream): ProgressView {
  const running = new Map<string, { done: number; total: number }>();
  let last_ms = 0;
  const draw = (): void => {
    last_ms = Date.now();
    const text = [...running].map(([stage, state]) => bar(stage, state.done, state.total)).join('  ');
    stream.write(`\r\x1b[2K${text.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`);
  };
  return {
    update(stage, done, total) {
      if (done >= total) running.delete(stage);
      else running.set(stage, { done, total });
      if (Date.now() - last_ms > redraw_ms) draw();
    },
    note(message) {
      stream.write(`\r\x1b[2K${message}\n`);
      draw();
    },
    end: () => stream.write('\r\x1b[2K'),
  };
}

function bar(stage: string, done: number, total: number): string {
  const full = Math.round((barWidth * done) / Math.max(1, total));
  return `${stage} ${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${Math.floor(done)}/${total}`;
}
