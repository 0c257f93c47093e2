import { credentials, Server, ServerCredentials, type ServiceDefinition } from "@grpc/grpc-js";
import { ResourceProviderClient, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { providerService } from "../../../local/providers/providerService";
import type { StandIn } from "../../../local/providers/standIn";

/** A provider that says how it was configured. */
function echo(configuration: Readonly<Record<string, unknown>>): StandIn {
  const outs = { who: String(configuration.subscriptionId ?? "nobody") };
  return {
    version: "1.2.3",
    check: async (_, __, news: object) => ({ inputs: news, failures: [{ property: "p", reason: "r" }] }),
    diff: async (_, __, ___, { changes }: { changes?: boolean }) => {
      const said = changes === undefined ? {} : { changes };
      return { ...said, replaces: ["x"], deleteBeforeReplace: true };
    },
    create: async () => ({ id: "made", outs }),
    read: async () => ({ id: "", props: {} }),
    update: async () => ({ outs }),
    delete: async () => Promise.reject(new Error("in use")),
    invoke: async () => ({ outputs: outs }),
  };
}

function struct(value: object): Struct {
  return Struct.fromJavaScript(value as Record<string, never>);
}

describe("the service that the Pulumi CLI attaches to", () => {
  const server = new Server();
  const clients: ResourceProviderClient[] = [];
  let port = 0;

  /** A connection of its own, as the CLI has one per provider resource. */
  const connect = (): ResourceProviderClient => {
    const options = { "grpc.use_local_subchannel_pool": 1 };
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure(), options);
    clients.push(client);
    return client;
  };
  const configured = async (subscriptionId: string): Promise<ResourceProviderClient> => {
    const client = connect();
    const request = new proto.ConfigureRequest();
    request.setArgs(struct({ subscriptionId }));
    const response = await new Promise<proto.ConfigureResponse>((settle, refuse) => {
      client.configure(request, (error, answer) => (error ? refuse(error) : settle(answer)));
    });
    expect(response.getAcceptsecrets()).toBe(true);
    return client;
  };
  const create = (client: ResourceProviderClient): Promise<unknown> =>
    new Promise((settle, refuse) => {
      client.create(new proto.CreateRequest(), (error, answer) =>
        error ? refuse(error) : settle(answer.getProperties()?.toJavaScript()));
    });

  beforeAll(async () => {
    server.addService(ResourceProviderService as unknown as ServiceDefinition, providerService(echo));
    port = await new Promise<number>((bound, refuse) => {
      const insecure = ServerCredentials.createInsecure();
      server.bindAsync("127.0.0.1:0", insecure, (error, given) => (error ? refuse(error) : bound(given)));
    });
  });
  afterAll(() => {
    clients.forEach((client) => client.close());
    server.forceShutdown();
  });

  it("keeps apart the configurations of several provider resources", async () => {
    const [one, two] = [await configured("subscription-a"), await configured("subscription-b")];
    expect(await create(one)).toEqual({ who: "subscription-a" });
    expect(await create(two)).toEqual({ who: "subscription-b" });
    expect(await create(connect())).toEqual({ who: "nobody" });
  });

  it("carries failures, replacements, unknown differences and errors over the wire", async () => {
    const client = await configured("subscription-a");
    const check = await new Promise<proto.CheckResponse>((settle) => {
      const request = new proto.CheckRequest();
      request.setNews(struct({ a: 1 }));
      client.check(request, (_, answer) => settle(answer));
    });
    expect(check.getFailuresList().map((failure) => failure.toObject())).toEqual([{ property: "p", reason: "r" }]);
    const diff = (news: object): Promise<proto.DiffResponse> =>
      new Promise((settle) => {
        const request = new proto.DiffRequest();
        request.setNews(struct(news));
        client.diff(request, (_, answer) => settle(answer));
      });
    const { DIFF_NONE, DIFF_SOME, DIFF_UNKNOWN } = proto.DiffResponse.DiffChanges;
    expect((await diff({})).getChanges()).toBe(DIFF_UNKNOWN);
    expect((await diff({ changes: true })).getChanges()).toBe(DIFF_SOME);
    expect((await diff({ changes: false })).getChanges()).toBe(DIFF_NONE);
    expect((await diff({})).toObject()).toMatchObject({ replacesList: ["x"], deletebeforereplace: true });
    const failure = await new Promise<unknown>((settle) => {
      client.delete(new proto.DeleteRequest(), (error) => settle(error));
    });
    expect(failure).toMatchObject({ details: "in use" });
  });
});
