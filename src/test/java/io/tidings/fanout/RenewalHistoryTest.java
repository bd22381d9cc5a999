package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.auth.Grants;
import io.tidings.auth.NotGranted;
import io.tidings.auth.Principal;
import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.ResumeRequest;
import io.tidings.log.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random schedules of events, renewals, blocked sockets, lost batches and slow reads. What each
 * client received is compared with what its stream was allowed and asked for at each moment.
 */
class RenewalHistoryTest {
  private static final List<String> TOPICS = List.of("a.1", "a.2", "b.1", "b.2", "c");
  private static final List<String> PATTERNS =
      List.of("a.1", "a.2", "b.1", "c", "a.*", "b.**", "**", "*");
  private static final int SCHEDULES = Integer.getInteger("schedules", 25);
  private static final int STEPS = 400;

  /** What a stream was to receive after an offset. */
  private record Era(long after, Filter filter) {}

  /** One stream, and what it was told to receive. */
  private static final class Client {
    private final FakeOutlet outlet = new FakeOutlet();
    private final List<Era> eras = new ArrayList<>();
    private Subscriber stream;
  }

  private final long seed = Long.getLong("seed", System.nanoTime());
  private Random random;
  private TestLoop loop;
  private List<Entry> log;
  private List<Client> clients;

  @Test
  void nothingIsLostRepeatedOrLeaked() throws Exception {
    for (int i = 0; i < SCHEDULES; i++) {
      run(seed + i);
    }
  }

  private void run(long schedule) throws Exception {
    random = new Random(schedule);
    log = new ArrayList<>();
    clients = new ArrayList<>();
    try (TestLoop opened = new TestLoop()) {
      loop = opened;
      for (int i = 0; i < STEPS; i++) {
        step();
        if (random.nextInt(3) > 0) {
          loop.awaitIdle();
        }
      }
      settle();
      for (Client client : clients) {
        assertEquals(
            expected(client),
            client.outlet.parser().messages().stream()
                .map(event -> event.data().split(":")[0])
                .toList(),
            "seed " + schedule + ", " + client.stream.state() + ", " + client.eras);
      }
      loop.run(
          () ->
              assertEquals(
                  clients.stream()
                      .map(client -> client.stream.selection().filter())
                      .distinct()
                      .count(),
                  loop.audiences().size(),
                  "seed " + schedule));
    }
  }

  private void step() throws Exception {
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> publish();
      case 3, 4 -> loop.run(loop::receiveNow);
      case 5, 6, 7 -> renew();
      case 8 -> join();
      case 9 -> {
        if (!clients.isEmpty()) {
          Client client = clients.get(random.nextInt(clients.size()));
          loop.run(
              () -> {
                if (random.nextBoolean()) {
                  client.outlet.blockAfter(random.nextInt(100_000));
                } else {
                  client.outlet.unblock();
                }
              });
        }
      }
      case 10 -> {
        boolean hold = random.nextBoolean();
        loop.run(
            () -> {
              loop.holdReads(hold);
              loop.releaseRead();
            });
      }
      default -> {
        if (random.nextInt(5) == 0) {
          loop.run(() -> loop.inFlight().poll()); // lost on the way to the loop
        } else {
          loop.run(loop.audiences()::tick);
        }
      }
    }
  }

  private void publish() throws Exception {
    var events = new ArrayList<Event>();
    for (int i = random.nextInt(20); i >= 0; i--) {
      String padding = random.nextInt(30) == 0 ? ":" + "x".repeat(random.nextInt(150_000)) : ":";
      var topics = new ArrayList<String>(List.of(topic()));
      if (random.nextInt(5) == 0) {
        String second = topic();
        if (!topics.contains(second)) {
          topics.add(second);
        }
      }
      events.add(new Event(topics, "", "", Event.NO_RETRY, (log.size() + events.size()) + padding));
    }
    loop.run(() -> log.addAll(loop.log().append(events).result()));
  }

  private String topic() {
    return TOPICS.get(random.nextInt(TOPICS.size()));
  }

  private void join() throws Exception {
    if (clients.size() == 8) {
      return;
    }
    Principal who = principal();
    Filter asked = filter();
    ResumeRequest from =
        random.nextBoolean() ? new ResumeRequest.Live() : new ResumeRequest.After("earliest");
    loop.run(
        () -> {
          var client = new Client();
          try {
            client.stream = loop.openNow(who, asked, client.outlet, from);
          } catch (NotGranted e) {
            return;
          }
          // "earliest" is before all; a stream that begins live, at the head of the log
          boolean live = from instanceof ResumeRequest.Live;
          long after = live && !log.isEmpty() ? log.get(log.size() - 1).offset() : -1;
          client.eras.add(new Era(after, client.stream.selection().filter()));
          clients.add(client);
        });
  }

  private Principal principal() {
    return new Principal(
        "issuer",
        "alice",
        random.nextInt(4) == 0
            ? Grants.ALL
            : new Grants(Optional.of(filter()), Optional.empty(), false),
        Optional.empty(),
        Optional.empty());
  }

  private Filter filter() {
    var patterns = new ArrayList<String>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      patterns.add(PATTERNS.get(random.nextInt(PATTERNS.size())));
    }
    return Filter.of(patterns);
  }

  private void renew() throws Exception {
    if (clients.isEmpty()) {
      return;
    }
    Client client = clients.get(random.nextInt(clients.size()));
    Principal who = principal();
    Optional<Filter> topics = random.nextBoolean() ? Optional.of(filter()) : Optional.empty();
    loop.run(
        () -> {
          Filter before = client.stream.audience().selection().filter();
          long effective = client.stream.position().offset();
          if (client.stream.part() > 0) {
            long cursor = effective;
            effective =
                log.stream()
                    .filter(entry -> entry.offset() > cursor && matches(before, entry))
                    .findFirst()
                    .orElseThrow()
                    .offset();
          }
          Filter filter;
          try {
            filter = client.stream.renew(who, topics);
          } catch (NotGranted e) {
            return;
          }
          checkPosition(client, effective);
          long from = effective;
          client.eras.removeIf(era -> era.after >= from); // replaced within one event
          client.eras.add(new Era(effective, filter));
        });
  }

  /** It is not before what the client has received, and not beyond the log. */
  private void checkPosition(Client client, long effective) {
    var received = client.outlet.parser().messages();
    if (!received.isEmpty()) {
      String last = received.get(received.size() - 1).data().split(":")[0];
      assertTrue(log.get(Integer.parseInt(last)).offset() <= effective);
    }
    assertTrue(effective <= (log.isEmpty() ? 0 : log.get(log.size() - 1).offset()));
  }

  private void settle() throws Exception {
    loop.run(
        () -> {
          loop.holdReads(false);
          while (loop.releaseRead()) {}
          for (Client client : clients) {
            client.outlet.blockAfter(Long.MAX_VALUE / 2); // never
            client.outlet.unblock();
          }
        });
    loop.awaitIdle();
    loop.run(() -> loop.log().append(List.of(Event.of("end", "end"))));
    loop.receive();
    loop.tick();
    loop.awaitIdle();
  }

  private List<String> expected(Client client) {
    var expected = new ArrayList<String>();
    for (int i = 0; i < log.size(); i++) {
      Entry entry = log.get(i);
      Filter filter = null;
      for (Era era : client.eras) {
        filter = era.after < entry.offset() ? era.filter : filter;
      }
      if (filter != null && matches(filter, entry)) {
        expected.add("" + i);
      }
    }
    if (client.eras.get(client.eras.size() - 1).filter.matches("end")) {
      expected.add("end");
    }
    return expected;
  }

  private static boolean matches(Filter filter, Entry entry) {
    return filter.matches(entry.event().topics());
  }
}
