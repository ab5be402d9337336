# Runs a program on a real pseudo-terminal: its output as bytes on standard output, what to do with it as JSON lines on
# standard input: {"keys": "..."}, {"size": [columns, rows]}, {"signal": 2}. Ends as the program ends.
import fcntl, json, os, pty, select, signal, struct, sys, termios


def set_size(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


columns, rows, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    set_size(0, columns, rows)
    os.execvp(command[0], command)

orders, pending = sys.stdin.fileno(), b""
sources = [terminal, orders]
while True:
    ready, _, _ = select.select(sources, [], [])
    if terminal in ready:
        try:
            output = os.read(terminal, 65536)
        except OSError:
            break
        if not output:
            break
        os.write(sys.stdout.fileno(), output)
    if orders in ready:
        received = os.read(orders, 65536)
        if not received:
            sources.remove(orders)
            os.kill(child, signal.SIGKILL)
        pending += received
        *lines, pending = pending.split(b"\n")
        for line in lines:
            order = json.loads(line)
            if "keys" in order:
                os.write(terminal, order["keys"].encode())
            if "size" in order:
                set_size(terminal, *order["size"])
            if "signal" in order:
                os.killpg(os.getpgid(child), order["signal"])

_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)
