"""Carries packets between two network interfaces, each after a delay: slow_link.py A B MILLIS JITTER

The order is kept, as on a longer cable. PACKET_VNET_HDR keeps what the kernel leaves to the hardware: checksums, and segments larger
than a packet.
"""
import collections
import random
import select
import socket
import sys
import time

SOL_PACKET, PACKET_VNET_HDR, ETH_P_ALL, PACKET_OUTGOING, LARGEST = 263, 15, 3, 4, 1 << 17


def opened(name):
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    link.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    link.bind((name, ETH_P_ALL))
    link.setsockopt(SOL_PACKET, 1, socket.if_nametoindex(name).to_bytes(4, sys.byteorder) + b"\1\0" + bytes(10))  # promiscuous
    link.setblocking(False)
    return link


a, b = opened(sys.argv[1]), opened(sys.argv[2])
delay, jitter = int(sys.argv[3]) / 1000, int(sys.argv[4]) / 1000
other = {a: b, b: a}
waiting = {a: collections.deque(), b: collections.deque()}
while True:
    due = min((queue[0][0] for queue in waiting.values() if queue), default=time.monotonic() + 1)
    for link in select.select([a, b], [], [], max(0, due - time.monotonic()))[0]:
        try:
            while True:
                packet, address = link.recvfrom(LARGEST)
                if address[2] != PACKET_OUTGOING:
                    waiting[other[link]].append((time.monotonic() + delay + random.random() * jitter, packet))
        except BlockingIOError:
            pass
    for link, queue in waiting.items():
        while queue and queue[0][0] <= time.monotonic():
            try:
                link.send(queue.popleft()[1])
            except OSError as e:  # a full queue loses the packet, as a cable may
                print("slow_link:", e, file=sys.stderr)
