import { Server, ServerCredentials, type ServiceDefinition } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { write } from "../output";
import { azureNative } from "./azureNative";
import { providerService } from "./providerService";

/**
 * Serves the stand-ins to the real Pulumi CLI: it prints a port, and PULUMI_DEBUG_PROVIDERS=azure-native:<port> makes
 * the CLI attach to it. Where the emulators are, LANDBRIDGE_EMULATORS says. Runs until it is ended.
 */
const server = new Server();
server.addService(ResourceProviderService as unknown as ServiceDefinition, providerService(azureNative));
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  write(String(port));
});
