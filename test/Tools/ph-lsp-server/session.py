"""Talks to ph-lsp-server as an editor does: opens a file, hovers, completes, breaks an op, mends it.

usage: session.py SERVER

Prints what the server said, a line for each question.
"""

import json
import subprocess
import sys

GOOD = """xf.weight @norm : tensor<64xf32>
func.func @f(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %w = xf.load_weight @norm : tensor<64xf32>
  %y = xf.rms_norm %x, %w eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}
"""
URI = "test:///model.mlir"


class Session:
    def __init__(self, server):
        self.process = subprocess.Popen([server], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.number = 0

    def send(self, method, params, number=None):
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        if number is not None:
            message["id"] = number
        body = json.dumps(message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def read(self):
        length = 0
        while line := self.process.stdout.readline().strip():
            name, value = line.split(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            sys.exit(f"the server ended with {self.process.wait()}")
        return json.loads(self.process.stdout.read(length))

    def wait_for(self, wanted):
        while not wanted(message := self.read()):
            pass
        return message

    def ask(self, method, params):
        self.number += 1
        self.send(method, params, self.number)
        return self.wait_for(lambda message: message.get("id") == self.number)["result"]

    def diagnostics(self):
        message = self.wait_for(lambda message: message.get("method") == "textDocument/publishDiagnostics")
        return message["params"]["diagnostics"]

    def change(self, version, text):
        self.send("textDocument/didChange", {"textDocument": {"uri": URI, "version": version}, "contentChanges": [{"text": text}]})
        return self.diagnostics()


def at(text, what, after=0):
    """The position in the document where `what` is, so many characters after its beginning."""
    before = text[: text.index(what) + after]
    return {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}


def main():
    session = Session(sys.argv[1])
    capabilities = session.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})["capabilities"]
    print("hover offered:", capabilities["hoverProvider"], " completion offered:", "completionProvider" in capabilities)
    session.send("initialized", {})
    document = {"uri": URI, "languageId": "mlir", "version": 1, "text": GOOD}
    session.send("textDocument/didOpen", {"textDocument": document})
    print("diagnostics of a good file:", session.diagnostics())

    hover = session.ask("textDocument/hover", {"textDocument": {"uri": URI}, "position": at(GOOD, "xf.rms_norm", 4)})
    print("hover on an op:", json.dumps(hover["contents"]["value"]))

    definition = session.ask("textDocument/definition", {"textDocument": {"uri": URI}, "position": at(GOOD, "@norm :", 2)})
    print("definition of a weight: line", definition[0]["range"]["start"]["line"])

    partial = GOOD.replace("xf.rms_norm %x", "xf. %x")
    session.change(2, partial)
    position = at(partial, "xf. %x", 3)
    completion = session.ask("textDocument/completion", {"textDocument": {"uri": URI}, "position": position})
    print("completion after 'xf.':", *sorted(item["label"] for item in completion["items"]))

    bad = GOOD.replace("@norm : tensor<64xf32>\nfunc", "@norm : tensor<32xf32>\nfunc")
    for diagnostic in session.change(3, bad):
        print("diagnostic of a bad op: line", diagnostic["range"]["start"]["line"], diagnostic["message"])
    print("diagnostics once mended:", session.change(4, GOOD))

    session.ask("shutdown", None)
    session.send("exit", None)
    print("exit status:", session.process.wait())


main()
