// What the conformance suite of protovalidate starts for each of its suites: brings the request on stdin to the test, and its answer to stdout.
import { connect } from "node:net";

const socket = connect(process.argv[2]);
process.stdin.pipe(socket);
socket.pipe(process.stdout);
