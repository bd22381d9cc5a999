package io.tidings.http;

import io.tidings.auth.Principal;
import io.tidings.auth.Ticket;
import io.tidings.auth.Tickets;
import io.tidings.bus.ContextFutures;
import io.tidings.limits.LimitExceeded;
import io.tidings.log.RecordTable;
import io.tidings.log.TooManyRecords;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;

/**
 * Finds out who shows a ticket in the URL of a stream: the ticket must be the hub's own, come from
 * the page that got it, and be shown by one browser only. Confined to one event loop.
 */
final class TicketCheck {
  private final Tickets tickets;
  private final AllowedOrigins origins;
  private final BrowserCookie cookie;

  TicketCheck(Tickets tickets, AllowedOrigins origins, BrowserCookie cookie) {
    this.tickets = tickets;
    this.origins = origins;
    this.cookie = cookie;
  }

  /**
   * The principal whom a ticket stands for.
   *
   * @param without whoever makes the same request without the ticket
   * @param beforeBinding called before the log is asked who was the first to show the ticket; may
   *     throw to refuse it
   * @return complete already if the ticket has no rights; fails with {@link
   *     io.tidings.auth.InvalidToken}, {@link Problem}, {@link LimitExceeded}, or the log's failure
   */
  Future<Principal> principal(
      HttpServerRequest request, String text, Principal without, Runnable beforeBinding) {
    return ContextFutures.of(tickets.verify(text))
        .compose(ticket -> bound(request, ticket, beforeBinding))
        .map(ticket -> tickets.principal(ticket, without));
  }

  private Future<Ticket> bound(HttpServerRequest request, Ticket ticket, Runnable beforeBinding) {
    origins.checkTicket(request, ticket.origin());
    if (!ticket.hasRights()) {
      return Future.succeededFuture(ticket);
    }
    beforeBinding.run();
    return ContextFutures.of(
        tickets.bind(ticket, cookie.of(request)).recover(TicketCheck::refusal).map(ticket));
  }

  private static Future<Void> refusal(Throwable failure) {
    return Future.failedFuture(
        failure instanceof TooManyRecords
            ? LimitExceeded.ofTickets(RecordTable.MAX_OF_OWNER)
            : failure);
  }
}
