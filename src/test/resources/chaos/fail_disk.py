"""Makes the ext4 file system at a path fail from now on, and forget what was not flushed: fail_disk.py PATH"""
import fcntl
import os
import struct
import sys

EXT4_IOC_SHUTDOWN, NO_LOG_FLUSH = 0x8004587D, 2
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
