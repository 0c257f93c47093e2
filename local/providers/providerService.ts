import { status, type sendUnaryData, type ServerUnaryCall, type UntypedServiceImplementation } from "@grpc/grpc-js";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Json } from "./armClient";
import type { StandIn } from "./standIn";

type Call<Request> = ServerUnaryCall<Request, unknown>;
type Method<Request, Response> = (call: Call<Request>, callback: sendUnaryData<Response>) => void;

function struct(properties: unknown): Struct {
  return Struct.fromJavaScript((properties ?? {}) as Record<string, never>);
}

function plain(properties: Struct | undefined): Json {
  return properties?.toJavaScript() ?? {};
}

function unary<Request, Response>(work: (call: Call<Request>) => Promise<Response>): Method<Request, Response> {
  return (call, callback) => {
    work(call).then(
      (response) => callback(null, response),
      (error: unknown) => {
        const details = error instanceof Error ? error.message : String(error);
        callback({ code: status.UNKNOWN, details, message: details, name: "ProviderError" });
      },
    );
  };
}

function notImplemented(name: string): Method<unknown, never> {
  const details = `${name} is not implemented here`;
  return (_, callback) => callback({ code: status.UNIMPLEMENTED, details, message: details, name: "ProviderError" });
}

function toFailures(failures: readonly { readonly property: string; readonly reason: string }[]): proto.CheckFailure[] {
  return failures.map(({ property, reason }) => {
    const failure = new proto.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    return failure;
  });
}

function toDiff(answer: Awaited<ReturnType<StandIn["diff"]>>): proto.DiffResponse {
  const { DIFF_NONE, DIFF_SOME, DIFF_UNKNOWN } = proto.DiffResponse.DiffChanges;
  const response = new proto.DiffResponse();
  const { changes, replaces = [], deleteBeforeReplace = false } = answer;
  response.setChanges(changes === undefined ? DIFF_UNKNOWN : changes ? DIFF_SOME : DIFF_NONE);
  response.setReplacesList([...replaces]);
  response.setDeletebeforereplace(deleteBeforeReplace);
  return response;
}

const WITHOUT_PROVIDER: UntypedServiceImplementation = {
  cancel: unary(() => Promise.resolve(new Empty())),
  attach: unary(() => Promise.resolve(new Empty())),
  checkConfig: notImplemented("CheckConfig"),
  diffConfig: notImplemented("DiffConfig"),
  getSchema: notImplemented("GetSchema"),
  handshake: notImplemented("Handshake"),
};

/**
 * Pulumi's provider protocol over gRPC, for a provider that the CLI attaches to. The CLI opens a connection for each
 * provider resource and configures it there, so configurations are told apart by connection: Pulumi's own server for
 * providers in TypeScript does not look at them.
 */
export function providerService(make: (configuration: Json) => StandIn): UntypedServiceImplementation {
  const configured = new Map<string, StandIn>();
  const of = (call: Call<unknown>): StandIn => configured.get(call.getPeer()) ?? make({});
  return {
    getPluginInfo: unary(async (call: Call<Empty>) => {
      const response = new plugin.PluginInfo();
      response.setVersion(of(call).version);
      return await Promise.resolve(response);
    }),
    configure: unary(async (call: Call<proto.ConfigureRequest>) => {
      configured.set(call.getPeer(), make(plain(call.request.getArgs())));
      const response = new proto.ConfigureResponse();
      response.setAcceptsecrets(true);
      return await Promise.resolve(response);
    }),
    check: unary(async (call: Call<proto.CheckRequest>) => {
      const { request } = call;
      const result = await of(call).check(request.getUrn(), plain(request.getOlds()), plain(request.getNews()));
      const response = new proto.CheckResponse();
      response.setInputs(struct(result.inputs));
      response.setFailuresList(toFailures(result.failures ?? []));
      return response;
    }),
    diff: unary(async (call: Call<proto.DiffRequest>) => {
      const { request } = call;
      const [olds, news] = [plain(request.getOlds()), plain(request.getNews())];
      return toDiff(await of(call).diff(request.getId(), request.getUrn(), olds, news));
    }),
    create: unary(async (call: Call<proto.CreateRequest>) => {
      const { id, outs } = await of(call).create(call.request.getUrn(), plain(call.request.getProperties()));
      const response = new proto.CreateResponse();
      response.setId(id);
      response.setProperties(struct(outs));
      return response;
    }),
    read: unary(async (call: Call<proto.ReadRequest>) => {
      const { request } = call;
      const { id = "", props } = await of(call).read(request.getId(), request.getUrn(), plain(request.getProperties()));
      const response = new proto.ReadResponse();
      response.setId(id);
      response.setProperties(struct(props));
      response.setInputs(request.getInputs());
      return response;
    }),
    update: unary(async (call: Call<proto.UpdateRequest>) => {
      const { request } = call;
      const [olds, news] = [plain(request.getOlds()), plain(request.getNews())];
      const { outs } = await of(call).update(request.getId(), request.getUrn(), olds, news);
      const response = new proto.UpdateResponse();
      response.setProperties(struct(outs));
      return response;
    }),
    delete: unary(async (call: Call<proto.DeleteRequest>) => {
      const { request } = call;
      await of(call).delete(request.getId(), request.getUrn(), plain(request.getProperties()));
      return new Empty();
    }),
    invoke: unary(async (call: Call<proto.InvokeRequest>) => {
      const { outputs, failures = [] } = await of(call).invoke(call.request.getTok(), plain(call.request.getArgs()));
      const response = new proto.InvokeResponse();
      response.setReturn(struct(outputs));
      response.setFailuresList(toFailures(failures));
      return response;
    }),
    ...WITHOUT_PROVIDER,
  };
}
