#!/bin/bash
# Fan-out over TLS, side by side: the hub plain, the hub with TLS, and nginx with TLS in front of the plain hub. Arguments: the
# directory for its files and sseload (cc -O2 -w -DTLS -o sseload sseload.c -lssl -lcrypto -lpthread), the hub's jar or class path, and
# optionally a second class path, of a variant of the hub that is measured beside it.
# Prints a line of JSON for each run: deliveries a second, and CPU time of hub and nginx for each delivery.
set -eu
dir=$1 jar=$2 variant=${3:-}
seconds=${SECONDS_EACH:-4}
mkdir -p "$dir"; cd "$dir"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -keyout key.pem -out cert.pem 2>/dev/null
here() { java ${JVM:--XX:+UseSerialGC -Xmn32m} -Xmx700m -cp "${cp:-$jar}" io.tidings.Main --port "$1" --set log.kind=memory --set producer.keyboard=off --set producer.clock=off "${@:3}" >"$2" 2>&1 & }
here 18080 plain.log; plain=$!
here 18443 tls.log --set http.tls.cert=cert.pem --set http.tls.key=key.pem; tls=$!
other=
if [ -n "$variant" ]; then
  cp=$variant here 18445 variant.log --set http.tls.cert=cert.pem --set http.tls.key=key.pem; other=$!
fi
cat >nginx.conf <<N
daemon off; worker_processes 2; pid nginx.pid; error_log nginx.err;
events { worker_connections 8192; }
http { access_log off; upstream hub { server 127.0.0.1:18080; keepalive 16; }
  client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  server { listen 127.0.0.1:18444 ssl; ssl_certificate cert.pem; ssl_certificate_key key.pem; ssl_protocols TLSv1.2 TLSv1.3;
    location / { proxy_pass http://hub; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host localhost; } } }
N
nginx -p "$dir" -c nginx.conf -e nginx.err & nginx=$!
trap 'kill $plain $tls $nginx $other 2>/dev/null; wait' EXIT
for log in plain.log tls.log ${other:+variant.log}; do for i in $(seq 200); do grep -q 'is at' $log && break; sleep 0.3; done; done
workers=$(pgrep -P $nginx | paste -sd,)
for round in $(seq ${ROUNDS:-3}); do # the first is cold
  for subs in 100 1000; do
    load="--subs $subs --size 100 --window $((subs == 100 ? 64 : 16)) --npub 4 --seconds $seconds"
    ./sseload --port 18080 $load --pid $plain --label "plain" --tls 0
    ./sseload --port 18443 $load --pid $tls --label "TLS in the hub" --tls 2
    [ -z "$other" ] || ./sseload --port 18445 $load --pid $other --label "TLS in the variant" --tls 2
    ./sseload --port 18444 --pport 18080 $load --pid "$plain,$workers" --label "TLS in nginx" --tls 1
  done
done
