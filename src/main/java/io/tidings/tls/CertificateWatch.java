package io.tidings.tls;

import io.tidings.settings.InvalidSetting;
import io.tidings.settings.TlsFiles;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Function;

/**
 * Takes new certificates into use when the files have changed. Files that can't be used leave the
 * old certificates in use; that is logged once, and again when it is mended. It is logged only if
 * two readings in succession find it, because the files of a pair are replaced one after the other.
 * One reading at a time, on a worker thread.
 */
public final class CertificateWatch {
  private static final System.Logger LOG = System.getLogger(CertificateWatch.class.getName());

  private final TlsFiles settings;
  private final InstantSource clock;
  private final Function<Certificates, Future<?>> use;
  private volatile Certificates inUse;

  // confined to the reading
  private String problem = "";
  private String logged = "";
  private boolean expiryLogged;

  private volatile boolean reading;
  private long timer = -1;

  /**
   * @param inUse the certificates with which the server has started
   * @param use makes the server use others for new connections
   */
  public CertificateWatch(
      TlsFiles settings,
      InstantSource clock,
      Certificates inUse,
      Function<Certificates, Future<?>> use) {
    this.settings = settings;
    this.clock = clock;
    this.inUse = inUse;
    this.use = use;
  }

  /** Begins to read the files periodically, unless the settings turn that off. */
  public void start(Vertx vertx) {
    if (!settings.reload().isZero()) {
      timer = vertx.setPeriodic(settings.reload().toMillis(), tick -> readLater(vertx));
    }
  }

  /** Reads the files no more. */
  public void stop(Vertx vertx) {
    if (timer >= 0) {
      vertx.cancelTimer(timer);
    }
  }

  /** When the first of the certificates in use expires. */
  public Instant expires() {
    return inUse.expires();
  }

  private void readLater(Vertx vertx) {
    if (reading) {
      return; // the disk is slow
    }
    reading = true;
    vertx
        .executeBlocking(this::read)
        .compose(Function.identity())
        .onComplete(read -> reading = false);
  }

  /**
   * Reads the files once. Blocks, and never throws.
   *
   * @return completes when new certificates are in use, if there are any
   */
  Future<Void> read() {
    logExpiry();
    try {
      PemFiles files = PemFiles.read(settings);
      if (files.equals(inUse.files())) {
        mended(" the files are as before");
        return Future.succeededFuture();
      }
      return take(Certificates.of(files, settings, clock.instant()));
    } catch (InvalidSetting e) {
      failed(e.getMessage());
      return Future.succeededFuture();
    }
  }

  private Future<Void> take(Certificates found) {
    return use.apply(found)
        .<Void>mapEmpty()
        .onSuccess(
            used -> {
              inUse = found;
              expiryLogged = false;
              mended(" the files can be used");
              LOG.log(System.Logger.Level.INFO, "new certificates are in use: " + found.report());
            })
        .recover(
            failure -> {
              failed(settings.certSetting() + ": the server can't use the files: " + failure);
              return Future.succeededFuture();
            });
  }

  private void failed(String found) {
    boolean again = found.equals(problem);
    problem = found;
    if (again && !found.equals(logged)) {
      logged = found;
      LOG.log(
          System.Logger.Level.WARNING,
          "the certificates have changed and can''t be used, so the old ones stay in use: {0}",
          found);
    }
  }

  private void mended(String how) {
    problem = "";
    if (!logged.isEmpty()) {
      logged = "";
      LOG.log(System.Logger.Level.INFO, "the certificates can be used again:" + how);
    }
  }

  private void logExpiry() {
    if (!expiryLogged && clock.instant().isAfter(inUse.expires())) {
      expiryLogged = true;
      LOG.log(System.Logger.Level.WARNING, "a certificate in use has expired: {0}", inUse.report());
    }
  }
}
