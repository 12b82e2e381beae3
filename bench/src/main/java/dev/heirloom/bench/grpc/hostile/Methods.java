package dev.heirloom.bench.grpc.hostile;

import dev.heirloom.proto.inference.GRPCInferenceServiceGrpc;
import dev.heirloom.proto.v1.AgentsGrpc;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Every method that a server has, as it says itself: one that is added is attacked, too. */
final class Methods {
  private static final List<String> PACKAGES =
      List.of(
          AgentsGrpc.class.getPackageName(),
          GRPCInferenceServiceGrpc.class.getPackageName(),
          HealthGrpc.class.getPackageName(),
          ServerReflectionGrpc.class.getPackageName());

  private Methods() {}

  /** Over plain text. */
  static List<MethodDescriptor<?, ?>> of(int port) throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      return of(channel);
    } finally {
      channel.shutdownNow();
    }
  }

  /** Asked by somebody who may ask. */
  static List<MethodDescriptor<?, ?>> of(Channel channel) throws Exception {
    List<MethodDescriptor<?, ?>> methods = new ArrayList<>();
    for (ServiceResponse service : services(channel)) {
      methods.addAll(descriptor(service.getName()).getMethods());
    }
    return methods;
  }

  private static List<ServiceResponse> services(Channel channel) throws Exception {
    CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(channel).serverReflectionInfo(new First(answer));
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    List<ServiceResponse> all =
        answer.get(20, TimeUnit.SECONDS).getListServicesResponse().getServiceList();
    requests.onCompleted();
    return all;
  }

  private record First(CompletableFuture<ServerReflectionResponse> answer)
      implements StreamObserver<ServerReflectionResponse> {
    @Override
    public void onNext(ServerReflectionResponse value) {
      answer.complete(value);
    }

    @Override
    public void onError(Throwable failure) {
      answer.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {}
  }

  private static ServiceDescriptor descriptor(String service) throws Exception {
    String stubs = service.substring(service.lastIndexOf('.') + 1) + "Grpc";
    for (String name : PACKAGES) {
      try {
        return (ServiceDescriptor)
            Class.forName(name + "." + stubs).getMethod("getServiceDescriptor").invoke(null);
      } catch (ClassNotFoundException e) {
        // In another package.
      }
    }
    throw new IllegalStateException("service: " + service + " (expected: one with stubs here)");
  }
}
