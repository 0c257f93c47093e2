import type { SimulatedRequest, SimulatedResponse } from "../simulated";
import { ConnectionDropped, serve, type SimulatedServer, SimulatedTableService } from "../simulated";

export const SOURCE = "contoso";
export const DESTINATION = "fabrikam";

/** What a watcher does about a request that has just arrived: let it be carried out, or lose it on the way. */
export type Fate = "carriedOut" | "lost";

export interface Watcher {
  /** Called for every request, in the order of arrival, numbered from 1. */
  arrived(request: SimulatedRequest, number: number): Fate | Promise<Fate>;
  /** Called once it was carried out, before anybody is told. */
  done(request: SimulatedRequest, response: SimulatedResponse, number: number): void;
}

/**
 * The simulated service with two doors: one is watched, through which `landbridge` comes; the other is for those who
 * look on.
 */
export class WatchedService extends SimulatedTableService {
  watcher: Watcher | undefined;
  private watchedPort = 0;
  private count = 0;
  private underWay = 0;

  async openDoors(): Promise<{ readonly watched: SimulatedServer; readonly open: SimulatedServer }> {
    const watched = await serve(this);
    this.watchedPort = watched.port;
    return { watched, open: await serve(this) };
  }

  /** Requests through the watched door are counted anew. */
  restart(watcher: Watcher | undefined): void {
    this.watcher = watcher;
    this.count = 0;
  }

  override async handle(request: SimulatedRequest): Promise<SimulatedResponse> {
    const { watcher } = this;
    const watched = request.headers["host"] === `127.0.0.1:${this.watchedPort}`;
    if (!watched || watcher === undefined) return super.handle(request);
    this.count += 1;
    const number = this.count;
    this.underWay += 1;
    try {
      if ((await watcher.arrived(request, number)) === "lost") throw new ConnectionDropped("beforeCommit");
      const response = await super.handle(request);
      watcher.done(request, response, number);
      return response;
    } finally {
      this.underWay -= 1;
    }
  }

  /** Resolves once nothing that a dead process sent is still on its way. */
  async settled(): Promise<void> {
    do await new Promise((wake) => setTimeout(wake, 60));
    while (this.underWay > 0);
  }
}
