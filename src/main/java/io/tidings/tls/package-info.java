/**
 * The certificates of the HTTP port: read, checked, and read again when their files change. Floor
 * 1. Knows no server; nothing here logs a key.
 *
 * <pre>
 *  PemFiles          the bytes of the files that the settings name, read together
 *  KeyPairCheck      whether a certificate can be used with its key, now
 *  Certificates      the files, checked, as options for Vert.x
 *    PairsByName       chooses the pair by the name that the client asks for
 *  CertificateWatch  takes new files into use; while they are bad, the old ones stay
 * </pre>
 */
package io.tidings.tls;
