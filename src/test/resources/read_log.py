"""Reads a log of Tidings, format 2 (see SegmentFormat.java), and prints its entries as `tidings log print` does."""
import datetime, glob, json, os, struct, sys

TABLE = []
for n in range(256):
    for _ in range(8):
        n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
    TABLE.append(n)


def crc32c(*parts):
    crc = 0xFFFFFFFF
    for part in parts:
        for byte in part:
            crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def base36(number, width=1):
    digits = ""
    while number or len(digits) < width:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def header(bytes):
    for at in (0, 64):
        if bytes[at:at + 8] == b"TIDINGS2" and struct.unpack_from(">I", bytes, at + 60)[0] == crc32c(bytes[at:at + 60]):
            epoch, first, previous, time, salt, required = struct.unpack_from(">qqqqQI", bytes, at + 8)
            assert required == 0, "a newer version wrote this"
            return previous, struct.pack(">Q", salt)
    sys.exit("the header is damaged")


def records(bytes, salt, limit):
    at = 128
    while at + 61 <= len(bytes):
        length, checksum, offset, _, time, _, flags, attributes, key = struct.unpack_from(">IIqqqiHIH", bytes, at)
        if length < 61 or at + length > len(bytes) or offset > limit or crc32c(salt, bytes[at + 8:at + length]) != checksum:
            return
        assert flags & 0xFE00 == 0, "a newer version wrote this"
        retry, count = struct.unpack_from(">iH", bytes, at + 44 + key)
        texts, place = [], at + 44 + key + 6
        count &= 0x7FFF  # the rest is the mark of a private event, as is its flag
        for _ in range(count + 2):  # the topics, the type and the id
            size = struct.unpack_from(">H", bytes, place)[0]
            texts.append(bytes[place + 2:place + 2 + size].decode())
            place += 2 + size
        data = place + 4 + struct.unpack_from(">I", bytes, place)[0]
        assert data + attributes == at + length
        scope, value = "", data
        while value < at + length:
            tag, size = struct.unpack_from(">HI", bytes, value)
            assert tag < 0x8000, "a newer version wrote this"
            scope = bytes[value + 6:value + 6 + size].decode() if tag == 1 else scope
            value += 6 + size
        yield offset, time, retry, texts[:count], texts[count], texts[count + 1], scope, flags & 0x100, bytes[place + 4:data].decode()
        at += length


meta = dict(line.split(" ", 1) for line in open(os.path.join(sys.argv[1], "meta")).read().splitlines())
assert meta["format"] == "2"
segments = [open(name, "rb").read() for name in sorted(glob.glob(os.path.join(sys.argv[1], "*.log")))]
for i, bytes in enumerate(segments):
    limit = header(segments[i + 1])[0] if i + 1 < len(segments) else 1 << 63
    for offset, time, retry, topics, type, id, scope, private, data in records(bytes, header(bytes)[1], limit):
        instant = datetime.datetime.fromtimestamp(time / 1000, datetime.timezone.utc)
        entry = {"position": base36(int(meta["epoch"]), 8) + "~" + base36(offset), "time": instant.isoformat(timespec="milliseconds")}
        entry.update(topic=topics[0] if len(topics) == 1 else topics, **({"type": type} if type else {}), **({"id": id} if id else {}))
        entry.update(**({"scope": scope} if id and scope else {}))
        entry.update(**({"retry": retry} if retry >= 0 else {}), **({"private": True} if private else {}), data=data)
        print(json.dumps(entry, ensure_ascii=False))
