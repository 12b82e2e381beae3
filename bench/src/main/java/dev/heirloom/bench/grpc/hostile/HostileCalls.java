package dev.heirloom.bench.grpc.hostile;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.heirloom.bench.grpc.hostile.HostileCall.End;
import dev.heirloom.bench.grpc.hostile.HostileCall.Malice;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Hostile calls, each made by a seed and a number alone. */
final class HostileCalls {
  private static final int LARGEST_BYTES = 4 << 20;
  private static final int LONG_HEADER = 9000;
  private static final Set<Status.Code> ANY = Set.of();

  private final long seed;
  private final List<MethodDescriptor<?, ?>> methods;
  private final SoundRequests sound;

  /**
   * @param methods that are called, each as often as another
   */
  HostileCalls(long seed, List<MethodDescriptor<?, ?>> methods, SoundRequests sound) {
    this.seed = seed;
    this.methods = List.copyOf(methods);
    this.sound = sound;
  }

  private Random random(long number) {
    return new Random(seed * 0x9E37_79B9_7F4A_7C15L + number * 0xBF58_476D_1CE4_E5B9L);
  }

  /** The call with a number, of every kind but those that never end. */
  HostileCall call(long number) {
    Random random = random(number);
    // A generator's first number follows its seed closely.
    int unused = random.nextInt();
    MethodDescriptor<?, ?> method = methods.get((int) (number % methods.size()));
    Message request = sound.first(method, random);
    Draft draft = new Draft(number, method, random);
    int kind = random.nextInt(1000);
    if (!method.getType().clientSendsOneMessage() && kind < 500) {
      return draft.made(Malice.ORDER, order(method, request, random), End.HALF_CLOSE, ANY);
    }
    if (kind < 600) {
      Message changed = SoundRequests.aimed(Mutations.fields(request, random), random);
      return draft.made(Malice.MUTATED, List.of(changed.toByteString()), End.HALF_CLOSE, ANY);
    }
    if (kind < 770) {
      return draft.made(
          Malice.GARBAGE, List.of(garbage(method, request, random)), End.HALF_CLOSE, ANY);
    }
    if (kind < 830) {
      return draft.made(
          Malice.UNKNOWN_FIELDS,
          List.of(Mutations.unknownFields(request, random)),
          End.HALF_CLOSE,
          ANY);
    }
    if (kind < 860) {
      return draft.made(
          Malice.NESTED, List.of(Mutations.nested(request, random)), End.HALF_CLOSE, ANY);
    }
    if (kind < 863) {
      return large(draft);
    }
    return rest(draft, kind, method, request);
  }

  /** Alone, or behind one that ends the call by itself. */
  private static HostileCall large(Draft draft) {
    ByteString large =
        ByteString.copyFrom(new byte[LARGEST_BYTES + 1 + draft.random().nextInt(1 << 20)]);
    return draft.random().nextBoolean()
        ? draft.made(
            Malice.LARGE, List.of(large), End.HALF_CLOSE, Set.of(Status.Code.RESOURCE_EXHAUSTED))
        : draft.made(
            Malice.LARGE,
            List.of(ByteString.copyFrom(new byte[] {-1, -1}), large),
            End.HALF_CLOSE,
            Set.of(Status.Code.INVALID_ARGUMENT, Status.Code.RESOURCE_EXHAUSTED));
  }

  private HostileCall rest(Draft draft, int kind, MethodDescriptor<?, ?> method, Message request) {
    ByteString bytes = request.toByteString();
    if (kind < 900) {
      boolean one = method.getType().clientSendsOneMessage();
      List<ByteString> messages =
          draft.random().nextBoolean() ? List.of() : List.of(bytes, bytes, bytes);
      return draft.made(
          Malice.NUMBER_OF_MESSAGES,
          messages,
          End.HALF_CLOSE,
          one ? Set.of(Status.Code.INVALID_ARGUMENT) : ANY);
    }
    if (kind < 950) {
      return headers(draft, bytes);
    }
    if (kind < 980) {
      return encoding(draft, bytes);
    }
    return draft.made(Malice.CANCELLED, List.of(bytes), End.CANCEL, Set.of(Status.Code.CANCELLED));
  }

  /** A request that never ends, or never begins. */
  HostileCall unfinished(long number) {
    Random random = random(number);
    int unused = random.nextInt();
    MethodDescriptor<?, ?> method = methods.get((int) (number % methods.size()));
    boolean begins = method.getType().clientSendsOneMessage() && random.nextBoolean();
    List<ByteString> messages =
        begins ? List.of(sound.first(method, random).toByteString()) : List.of();
    return new Draft(number, method, random)
        .made(Malice.UNFINISHED, messages, End.SILENCE, Set.of(Status.Code.DEADLINE_EXCEEDED));
  }

  /** A change to what most operators could send to others would be no bad message. */
  private static ByteString garbage(MethodDescriptor<?, ?> method, Message request, Random random) {
    String name = method.getFullMethodName();
    boolean changesMany = name.matches(".*/(SetBudgetRule|ChangeDevices|CreateRollout)");
    return Mutations.garbage(changesMany ? request.getDefaultInstanceForType() : request, random);
  }

  private static HostileCall headers(Draft draft, ByteString bytes) {
    Random random = draft.random();
    return switch (random.nextInt(5)) {
      case 0 ->
          draft.with(
              Map.of("x-long", "x".repeat(LONG_HEADER)),
              Optional.empty(),
              List.of(bytes),
              Malice.HEADERS,
              Set.of(Status.Code.RESOURCE_EXHAUSTED));
      case 1 -> draft.with(Map.of("traceparent", "00-zz-" + "f".repeat(3000)), bytes);
      case 2 -> draft.with(Map.of("traceparent", "00-" + "0".repeat(32) + "-0-01"), bytes);
      case 3 -> draft.with(Map.of("authorization", "Basic " + "=".repeat(2000)), bytes);
      default -> draft.with(Map.of("authorization", "Bearer ", "x-bin", "%%%not base64"), bytes);
    };
  }

  private static HostileCall encoding(Draft draft, ByteString sound) {
    // A client compresses no empty message.
    ByteString bytes = sound.isEmpty() ? ByteString.copyFrom(new byte[1]) : sound;
    return switch (draft.random().nextInt(3)) {
      case 0 -> encoded(draft, HostileCodecs.BOMB, bytes, Status.Code.RESOURCE_EXHAUSTED);
      case 1 -> encoded(draft, HostileCodecs.BROKEN, bytes, Status.Code.INVALID_ARGUMENT);
      default -> encoded(draft, HostileCodecs.UNKNOWN, bytes, Status.Code.UNIMPLEMENTED);
    };
  }

  private static HostileCall encoded(
      Draft draft, String codec, ByteString bytes, Status.Code expected) {
    return draft.with(
        Map.of(), Optional.of(codec), List.of(bytes), Malice.ENCODING, Set.of(expected));
  }

  /** Messages of a stream that are sound one by one, or nearly, and come in no order. */
  private List<ByteString> order(MethodDescriptor<?, ?> method, Message first, Random random) {
    List<ByteString> messages = new ArrayList<>();
    if (random.nextInt(4) != 0) {
      messages.add(first.toByteString());
    }
    int more = 1 + random.nextInt(12);
    for (int i = 0; i < more; i++) {
      Message next = next(method, first, random);
      messages.add((random.nextInt(3) == 0 ? Mutations.fields(next, random) : next).toByteString());
    }
    return messages;
  }

  private Message next(MethodDescriptor<?, ?> method, Message first, Random random) {
    String name = method.getFullMethodName();
    int which = random.nextInt(8);
    if (name.endsWith("Agents/Connect")) {
      return switch (which) {
        case 0 -> first;
        case 1 -> sound.outcome(random.nextLong());
        case 2 -> sound.trial(random.nextLong());
        case 3 -> sound.window(random.nextLong());
        case 4 -> sound.window(0);
        default -> sound.window(1 + random.nextInt(5));
      };
    }
    if (name.endsWith("Teachers/Publish") && which > 1) {
      return sound.piece(which < 4 ? random.nextLong() : random.nextInt(5) * 1000L);
    }
    if (name.endsWith("Teachers/Upload") && which > 1) {
      return SoundJobs.piece(which < 3 ? random.nextLong() : random.nextInt(3) * 500L);
    }
    return first;
  }

  /** A call under way to being made. */
  private record Draft(long number, MethodDescriptor<?, ?> method, Random random) {

    HostileCall made(Malice malice, List<ByteString> messages, End end, Set<Status.Code> expected) {
      return new HostileCall(
          number, malice, method, Map.of(), Optional.empty(), messages, end, expected);
    }

    HostileCall with(Map<String, String> headers, ByteString message) {
      return with(headers, Optional.empty(), List.of(message), Malice.HEADERS, ANY);
    }

    HostileCall with(
        Map<String, String> headers,
        Optional<String> encoding,
        List<ByteString> messages,
        Malice malice,
        Set<Status.Code> expected) {
      return new HostileCall(
          number, malice, method, headers, encoding, messages, End.HALF_CLOSE, expected);
    }
  }
}
