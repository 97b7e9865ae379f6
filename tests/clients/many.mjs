// What the load scenarios share: a number of clients, some at a time, and one line of JSON in the end.

/**
 * Runs `client(index, messages, everyoneIsIn)` for each client and counts the servers that they name. Where all clients run at once,
 * a client that awaits `everyoneIsIn()` sends its messages only when all have connected: so what is counted is how sessions were balanced.
 */
export async function runMany(options, result, client) {
  const total = Number(options.clients);
  let next = 0;
  let arrived = 0;
  let open;
  const gate = new Promise((resolve) => (open = resolve));
  const everyoneIsIn = () => {
    if (++arrived === total || Number(options.concurrency) < total) {
      open();
    }
    return gate;
  };
  const worker = async () => {
    while (next < total) {
      const index = next++;
      try {
        const server = await client(index, Number(options.messages), everyoneIsIn);
        result.perServer[server] = (result.perServer[server] ?? 0) + 1;
      } catch (error) {
        open();
        if (/\b400\b/.test(error.message) || error.statusCode === 400) {
          result.http400++;
        }
        result.errors.push(`client ${index}: ${error.message}`);
      }
      result.clients++;
    }
  };
  await Promise.all(Array.from({ length: Math.min(total, Number(options.concurrency)) }, worker));
}

/** Runs it, prints the summary, and ends the process: with 1 if anything went wrong. */
export async function report(options, run) {
  const started = performance.now();
  const result = { clients: 0, messages: 0, errors: [], http400: 0, perServer: {} };
  await run(result);
  result.seconds = Math.round((performance.now() - started) / 100) / 10;
  const expected = Number(options.clients) * Number(options.messages);
  const failed = result.errors.length > 0 || result.http400 > 0 || result.messages !== expected;
  // A thousand errors tell no more than twenty.
  console.log(JSON.stringify({ ...result, errors: result.errors.slice(0, 20), errorCount: result.errors.length }));
  process.exit(failed ? 1 : 0);
}
