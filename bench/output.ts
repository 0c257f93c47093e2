/** Tells the person at the terminal what goes on; results go elsewhere. */
export type Say = (text: string) => void;

/** On stderr, so that stdout holds nothing but the tables. */
export const say: Say = (text) => {
  process.stderr.write(`${text}\n`);
};

export const print: Say = (text) => {
  process.stdout.write(`${text}\n`);
};
