import { connectRecord, defineConnector } from "@org/bus-connect";

/** Its sink answers nothing, heeds no signal, and holds the process with a timer. */
export const hanging = defineConnector({
  name: "hanging",
  drainTimeoutMs: 50,
  source: {
    name: "one",
    replayable: true,
    async *read() {
      yield { records: [connectRecord({ value: 1, id: "1" })], position: 1 };
    },
  },
  sink: {
    name: "hanging",
    batching: { maxWaitMs: 1 },
    open: async () => ({
      write: () =>
        new Promise(() => {
          setInterval(() => {}, 1_000);
          console.log("it hangs");
        }),
      close: async () => {},
    }),
  },
});
