"""Bytes in and out: fixed numbers, varints, blobs."""


class FormatError(Exception):
    """Bytes that are not of this form."""


class Reader:
    def __init__(self, data):
        self.data, self.at = bytes(data), 0

    def take(self, length):
        if length < 0 or self.at + length > len(self.data):
            raise FormatError("too short")
        self.at += length
        return self.data[self.at - length : self.at]

    def number(self, width):
        return int.from_bytes(self.take(width), "big")

    def expect(self, width, value):
        if self.number(width) != value:
            raise FormatError(f"{value} was expected")

    def varint(self):
        value, shift = 0, 0
        while True:
            byte = self.number(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                # One number has one form.
                if (byte == 0 and shift) or value >= 1 << 64:
                    raise FormatError("a varint in another form")
                return value
            shift += 7

    def difference(self):
        number = self.varint()
        return number >> 1 ^ -(number & 1)

    def blob(self):
        return self.take(self.varint())

    def list(self, read):
        return [read() for _ in range(self.varint())]

    def rest(self):
        return self.take(len(self.data) - self.at)

    def end(self):
        if self.at != len(self.data):
            raise FormatError("something stands behind the end")


def u(width, value):
    return value.to_bytes(width, "big")


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def difference(value):
    return varint((value << 1 ^ value >> 63) & (1 << 64) - 1)


def blob(data):
    return varint(len(data)) + data


def many(parts):
    parts = list(parts)
    return varint(len(parts)) + b"".join(parts)
