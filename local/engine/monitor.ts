import { status } from "@grpc/grpc-js";
import * as proto from "@pulumi/pulumi/proto/resource_pb";
import * as providerProto from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { applyPlan } from "./apply";
import { readGoal } from "./goal";
import { forProvider, planRegistration } from "./plan";
import { errorText } from "./provider";
import { Registrations } from "./registrations";
import type { ResourceState } from "./resourceState";
import { RunEnded, type Run } from "./run";
import { makeUrn, packageOf } from "./urn";
import { isObject, markSecrets, toProperties, UNKNOWN, type Properties, type Value } from "./value";

/** What Pulumi's SDK calls in place of a gRPC client; every method takes a request and a callback. */
export type Callback<T> = (error: unknown, response?: T) => void;

/** What the program may ask for. Anything else makes the SDK refuse it with an error of its own. */
const FEATURES = ["secrets", "resourceReferences", "aliasSpecs"];

/** An error as gRPC would deliver it. CANCELLED makes the SDK stop quietly: the engine has said why. */
function grpcError(error: unknown): Error {
  const ended = error instanceof RunEnded;
  const message = errorText(error);
  return Object.assign(new Error(message), { code: ended ? status.CANCELLED : status.UNKNOWN, details: message });
}

function answer<T>(callback: Callback<T>, work: () => Promise<T>): void {
  work().then(
    (response) => callback(null, response),
    (error: unknown) => callback(grpcError(error)),
  );
}

function struct(properties: Properties): Struct {
  return Struct.fromJavaScript(properties as Record<string, never>);
}

/** Pulumi's resource monitor, in process: what a program registers becomes steps of a run. */
export class Monitor {
  readonly #registrations: Registrations;
  #stackUrn: string | undefined;
  /** Calls so far: the run is over when a while has passed without one. */
  calls = 0;

  constructor(private readonly run: Run) {
    this.#registrations = new Registrations(run);
  }

  /** What the program exported; undefined where it did not come that far. */
  get stack(): ResourceState | undefined {
    return this.#stackUrn === undefined ? undefined : this.run.snapshot.find(this.#stackUrn);
  }

  registerResource(request: proto.RegisterResourceRequest, callback: Callback<proto.RegisterResourceResponse>): void {
    this.calls += 1;
    answer(callback, async () => {
      const state = await this.#register(request);
      const response = new proto.RegisterResourceResponse();
      response.setUrn(state.urn);
      response.setId(state.id === UNKNOWN ? "" : (state.id ?? ""));
      response.setObject(struct(state.outputs));
      return response;
    });
  }

  registerResourceOutputs(request: proto.RegisterResourceOutputsRequest, callback: Callback<object>): void {
    this.calls += 1;
    answer(callback, async () => {
      const outputs = toProperties(request.getOutputs()?.toJavaScript(), "The outputs");
      const state = this.run.snapshot.find(request.getUrn());
      if (state === undefined) throw new Error(`Unknown resource ${request.getUrn()}.`);
      this.run.filter.learn(outputs);
      this.run.snapshot.settle({ ...state, outputs }, undefined);
      return {};
    });
  }

  readResource(request: proto.ReadResourceRequest, callback: Callback<proto.ReadResourceResponse>): void {
    this.calls += 1;
    answer(callback, async () => {
      const state = await this.run.inTurn(() => this.#read(request));
      const response = new proto.ReadResourceResponse();
      response.setUrn(state.urn);
      response.setProperties(struct(state.outputs));
      return response;
    });
  }

  invoke(request: proto.ResourceInvokeRequest, callback: Callback<providerProto.InvokeResponse>): void {
    this.calls += 1;
    answer(callback, async () => {
      this.run.checkAlive();
      const token = request.getTok();
      const args = toProperties(request.getArgs()?.toJavaScript(), "The arguments");
      const response = new providerProto.InvokeResponse();
      response.setReturn(struct(await this.run.track(this.#invoke(token, args, request))));
      return response;
    });
  }

  supportsFeature(
    request: proto.SupportsFeatureRequest,
    callback: Callback<Pick<proto.SupportsFeatureResponse, "getHassupport">>,
  ): void {
    const supported = FEATURES.includes(request.getId());
    callback(null, { getHassupport: () => supported });
  }

  call(request: proto.ResourceCallRequest, callback: Callback<never>): void {
    callback(grpcError(new Error(`The local engine calls no methods of resources (${request.getTok()}).`)));
  }

  signalAndWaitForShutdown(_: unknown, callback: Callback<object>): void {
    callback(null, {});
  }

  /** The SDK closes its clients when it is done; there is nothing to close. */
  close(): void {
    return;
  }

  async #register(request: proto.RegisterResourceRequest): Promise<ResourceState> {
    const { run } = this;
    const [type, name] = [request.getType(), request.getName()];
    try {
      const goal = readGoal(request);
      const plan = await run.inTurn(async () => {
        run.checkAlive();
        return await planRegistration(run, this.#registrations, goal);
      });
      const state = await applyPlan(run, plan);
      if (type.startsWith("pulumi:providers:")) this.#registrations.configure(state.urn, type, state.inputs);
      if (type === "pulumi:pulumi:Stack") this.#stackUrn = state.urn;
      return state;
    } catch (error) {
      if (error instanceof RunEnded) throw error;
      run.fail(`${type} "${name}": ${errorText(error)}`);
      throw new RunEnded("The run has ended.");
    }
  }

  /** An existing resource that the program looks up (`X.get`): it is in state, but not managed. */
  async #read(request: proto.ReadResourceRequest): Promise<ResourceState> {
    const { run } = this;
    run.checkAlive();
    const [type, name, id] = [request.getType(), request.getName(), request.getId()];
    const { project } = run;
    const urn = makeUrn({ stack: project.stack, project: project.name }, request.getParent(), type, name);
    const [asked, version] = [request.getProvider(), request.getVersion()];
    const { ref, provider } = this.#registrations.resolveProvider(asked, packageOf(type), version);
    const inputs = toProperties(request.getProperties()?.toJavaScript(), "The properties");
    const state: ResourceState = {
      urn, type, custom: true, external: true, id, inputs, outputs: {}, parent: request.getParent(), provider: ref,
      dependencies: request.getDependenciesList(), propertyDependencies: {},
    };
    if (id === UNKNOWN) return state;
    const read = await provider.read({ urn, type }, id, forProvider(inputs));
    if (read.id === undefined) throw new Error(`${type} "${name}": there is no resource '${id}'.`);
    const outputs = markSecrets(read.outputs, inputs, request.getAdditionalsecretoutputsList());
    run.filter.learn(outputs);
    const found = { ...state, outputs };
    run.snapshot.settle(found, run.snapshot.old(urn));
    return found;
  }

  async #invoke(token: string, args: Properties, request: proto.ResourceInvokeRequest): Promise<Properties> {
    if (token === "pulumi:pulumi:getResource") return this.#getResource(args.urn);
    const packageName = packageOf(token);
    const { provider } = this.#registrations.resolveProvider(request.getProvider(), packageName, request.getVersion());
    return await provider.invoke(token, forProvider(args));
  }

  #getResource(urn: Value | undefined): Properties {
    const state = typeof urn === "string" ? this.run.snapshot.find(urn) : undefined;
    if (state === undefined) throw new Error(`Unknown resource ${isObject(urn) ? "" : String(urn)}.`);
    return { urn: state.urn, id: state.id ?? "", state: state.outputs };
  }
}
