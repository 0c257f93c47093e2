import { closeSync, mkdirSync, openSync, statSync, writeSync } from "node:fs";
import { resolve } from "node:path";

import { type SFTPWrapper, utils } from "ssh2";

const { OPEN_MODE, STATUS_CODE } = utils.sftp;

/** The part of SFTP that an upload needs: folders are made, files are written, and looked at. */
export function serveSftp(session: SFTPWrapper, home: string): void {
  const open = new Map<number, number>();
  const path = (name: string) => resolve(home, name);
  const answer = (id: number, work: () => void) => {
    try {
      work();
      session.status(id, STATUS_CODE.OK);
    } catch (error) {
      const gone = (error as NodeJS.ErrnoException).code === "ENOENT";
      session.status(id, gone ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.FAILURE);
    }
  };
  const look = (id: number, name: string) => {
    const found = statSync(name, { throwIfNoEntry: false });
    if (found === undefined) return session.status(id, STATUS_CODE.NO_SUCH_FILE);
    const { mode, uid, gid, size, atimeMs, mtimeMs } = found;
    return session.attrs(id, { mode, uid, gid, size, atime: atimeMs / 1_000, mtime: mtimeMs / 1_000 });
  };
  const descriptor = (handle: Buffer) => open.get(handle.readUInt32BE(0)) ?? -1;
  session.on("OPEN", (id, name, flags) => {
    if ((flags & OPEN_MODE.WRITE) === 0) return session.status(id, STATUS_CODE.PERMISSION_DENIED);
    try {
      const file = openSync(path(name), "w", 0o644);
      const handle = Buffer.alloc(4);
      handle.writeUInt32BE(file, 0);
      open.set(file, file);
      return session.handle(id, handle);
    } catch {
      return session.status(id, STATUS_CODE.NO_SUCH_FILE);
    }
  });
  session.on("WRITE", (id, handle, offset, data) =>
    answer(id, () => void writeSync(descriptor(handle), data, 0, data.length, offset)));
  session.on("CLOSE", (id, handle) => answer(id, () => closeSync(descriptor(handle))));
  session.on("MKDIR", (id, name) => answer(id, () => mkdirSync(path(name))));
  session.on("STAT", (id, name) => look(id, path(name)));
  session.on("LSTAT", (id, name) => look(id, path(name)));
  session.on("FSETSTAT", (id) => answer(id, () => undefined));
  session.on("SETSTAT", (id) => answer(id, () => undefined));
}
