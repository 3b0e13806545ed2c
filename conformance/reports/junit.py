"""JUnit XML of a document: one test suite for each run, one test case for each file.

Files that are expected to fail are skipped tests with their reason, as pytest has it.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from refexec_conformance.reports.document import Document
from refexec_conformance.reports.terminal import clean

FINDINGS = 20
"""How many findings of a file are written."""


def to_junit(document: Document) -> str:
    """The document as JUnit XML."""
    root = ElementTree.Element("testsuites", name="refexec conform")
    for run in document["runs"]:
        root.append(_suite(run))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(run: dict[str, Any]) -> ElementTree.Element:
    name = f"{run['suite']}.{run['backend']['name']}"
    suite = ElementTree.Element("testsuite", name=clean(name), time=f"{run['seconds']:.3f}")
    for key, value in run["environment"].items():
        properties = suite.find("properties")
        if properties is None:
            properties = ElementTree.SubElement(suite, "properties")
        ElementTree.SubElement(properties, "property", name=clean(key), value=clean(value))
    for file in run["files"]:
        suite.append(_test(name, file, bool(run["reported"])))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(run["files"])))
    return suite


def _test(suite: str, file: dict[str, Any], reported: bool) -> ElementTree.Element:
    test = ElementTree.Element(
        "testcase", classname=clean(suite), name=clean(file["name"]), time=f"{file['seconds']:.3f}"
    )
    reason = clean(file["reason"] or "")
    match file["verdict"]:
        case "fail" if reported:
            ElementTree.SubElement(test, "skipped", message="fails, and is only reported")
        case "fail":
            first = _surprises(file)[0]
            message = clean(f"expected {first['expected']}, got {first['got']}")
            tag = "failure" if first["verdict"] in ("fail", "unsupported") else "error"
            fault = ElementTree.SubElement(test, tag, message=message, type=first["verdict"])
            fault.text = _findings(file)
        case "unexpected pass":
            message = f"passes, but is expected to fail: {reason}"
            ElementTree.SubElement(test, "failure", message=message, type="unexpected pass")
        case "expected fail":
            ElementTree.SubElement(test, "skipped", message=f"expected to fail: {reason}")
        case "unsupported" | "not judged" as verdict:
            ElementTree.SubElement(test, "skipped", message=verdict)
    return test


def _findings(file: dict[str, Any]) -> str:
    lines = []
    for item in _surprises(file)[:FINDINGS]:
        lines += [
            f"line {item['line']}: {item['verdict']}: {clean(item['command'])}",
            f"    expected: {clean(item['expected'])}",
            f"    got:      {clean(item['got'])}",
            f"    again:    {clean(item['reproduce'])}",
        ]
    left = len(_surprises(file)) - FINDINGS
    return "\n".join(["", *lines, *([f"and {left} more"] if left > 0 else []), ""])


def _surprises(file: dict[str, Any]) -> list[dict[str, Any]]:
    """The findings that make the file fail."""
    return [
        item for item in file["findings"] if not item["known"] and item["verdict"] != "incomparable"
    ]
