"""A console at a terminal: keys are typed, and what the screen gets is read."""
import os
import pty
import re
import select
import signal
import subprocess
import time


class Terminal:
    def __init__(self, program, words, home, cwd):
        master, slave = pty.openpty()
        self.screen, self.master = "", master
        environment = dict(os.environ, HOME=home, XDG_STATE_HOME=os.path.join(home, "state"), TERM="xterm", LC_ALL="C.UTF-8")
        self.process = subprocess.Popen([program, *words], stdin=slave, stdout=slave, stderr=slave, cwd=cwd, env=environment,
                                        start_new_session=True, close_fds=True,
                                        preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0))
        os.close(slave)

    def read(self, pattern, seconds=20):
        """What came since the last time, up to the pattern; None when it does not come."""
        end = time.monotonic() + seconds
        while True:
            # libedit goes on writing by going to the beginning of the line and right from there.
            self.screen = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", re.sub(r"\r\x1b\[\d+[CG]", "", self.screen))
            found = re.search(pattern, self.screen)
            if found:
                told, self.screen = self.screen[:found.end()], self.screen[found.end():]
                return told
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.master], [], [], left)[0]:
                return None
            try:
                self.screen += os.read(self.master, 65536).decode("utf-8", "replace")
            except OSError:
                return None

    def type(self, keys):
        os.write(self.master, keys.encode())

    def end(self):
        """Its exit code."""
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            return None
        finally:
            os.close(self.master)
