"""One Python engine, in a process of its own: reads a question a line, answers with a line. Started by the Rust program."""

import contextlib
import importlib
import json
import os
import sys
import time
import warnings

from workload import Workload


class Call:
    """What is measured: `run` inside of what `context` gives. `result` makes a list of what `run` gives."""

    def __init__(self, run, result, context=contextlib.nullcontext):
        self.run, self.result, self.context = run, result, context

    def check(self, steps):
        """The numbers that all engines must agree on."""
        with self.context():
            return [value for _ in range(steps) for value in self.result(self.run())]

    def seconds(self, samples, calls):
        """Seconds a call: that many samples, each the mean of so many calls."""

        def sample():
            begin = time.perf_counter()
            for _ in range(calls):
                self.run()
            return (time.perf_counter() - begin) / calls

        with self.context():
            return [sample() for _ in range(samples)]


def serve(engine, threads, lines, answers):
    """Answers. There is one workload at a time, until it is dropped."""
    call = None
    for line in lines:
        question = json.loads(line)
        match question["op"]:
            case "prepare":
                workload = Workload(question)
                call = Call(*engine.prepare(workload, threads))
                answer = {"check": call.check(workload.steps)}
            case "seconds":
                answer = {"seconds": call.seconds(question["samples"], question["calls"])}
            case "drop":
                call = None
                answer = {}
        answers(answer)


def main(name, threads):
    """What libraries print goes to stderr: stdout belongs to the answers."""
    pipe = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")

    def answers(answer):
        print(json.dumps(answer), file=pipe, flush=True)

    try:
        engine = importlib.import_module(name)
        answers({"version": engine.VERSION})
        serve(engine, threads, sys.stdin, answers)
    except Exception as error:
        reason = next(iter(str(error).strip().splitlines()), "")
        answers({"error": f"{type(error).__name__}: {reason}"})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
