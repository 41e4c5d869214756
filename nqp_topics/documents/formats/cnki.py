"""Exports of CNKI and of reference managers: one record is one document, its text is the abstract (they carry no full text).

Known by their content: 自定义 and E-Study (`Title-题名: …`), NoteExpress (`{Title}: …`), EndNote (`%T …`), RefWorks (`T1 …`), RIS (`TI  - …`).
"""

import re
from dataclasses import dataclass

from nqp_topics.documents.formats.encoding import Decoded, decode
from nqp_topics.documents.formats.rows import Found, Unread, damage, document, refusal, remark, same_breaks
from nqp_topics.study import Study

Record = list[tuple[str, str]]

_FIELDS = ("title", "author", "outlet", "date", "keywords", "abstract")
_ENDS = re.compile(r"[。！？!?.…；;][”’」』）)\]】\s]*$")


@dataclass(frozen=True)
class Style:
    """How one export writes its records: the pattern of a field, the tag that opens a record, our names for its tags.

    Of several tags for one thing the first that is filled counts.
    """

    name: str
    line: re.Pattern[str]
    opens: list[str]
    tags: dict[str, list[str]]


def _style(name: str, opens: str, tags: str, line: str) -> Style:
    """Make a style; of each field in order its tags, with bars between."""
    named = {field: tag.split("|") for field, tag in zip(_FIELDS, tags.split(";"), strict=True)}
    return Style(name, re.compile(line), opens.split("|"), named)


_JOURNAL = "Journal|Source|Newspaper|Secondary Title|Tertiary Title|Publisher"
STYLES = (
    _style(
        *("自定义", "DataType|SrcDatabase", "Title;Author;Source;PubTime|Year;Keyword;Summary"),
        r"^[ \t]*([A-Z][A-Za-z]{1,15})(?:(?<=DataType)|-[\u4e00-\u9fffA-Za-z]{1,10})[ \t]*[:：][ \t]?(.*)$",
    ),
    _style(
        *("NoteExpress", "Reference Type", f"Title;Author;{_JOURNAL};Date|Year;Keywords;Abstract"),
        r"^[ \t]*\{([A-Z][A-Za-z/ ]{1,30})\}[ \t]*[:：][ \t]?(.*)$",
    ),
    _style("EndNote", "%0", "%T;%A;%J|%B|%I;%8|%D;%K;%X", r"^(%[0-9A-Z!-/:-@\[-`~])(?:[ \t]+(.*))?$"),
    _style("RIS", "TY", "TI|T1;AU|A1;JO|JF|T2|PB;DA|PY|Y1;KW;AB|N2", r"^([A-Z][A-Z0-9])  ?-(?:[ \t](.*))?$"),
    _style(
        *("RefWorks", "RT", "T1;A1;JF|JO|PB;FD|YR;K1;AB"),
        r"^(RT|SR|ID|A[1-6]|AD|T[1-3]|JF|JO|YR|FD|VO|IS|SP|OP|EP|K1|AB|NO|PB|PP|SN|CN|AN|LA|CL|DO|DS|LK|UL|U[1-5]|WV|WP)"
        r"(?:[ \t]+(.*))?$",
    ),
)
_EXPORTED = re.compile(
    "DataType|SrcDatabase|Title|Author|Organ|Source|Keyword|Summary|PubTime|FirstDuty|Fund|Year|Volume|Period|PageCount"
    "|Page|CLC|URL|DOI|ISSN|Link|City|Meeting|Degree|Teacher|Tutor|Publisher"
)


def read(content: bytes, study: Study) -> Found:
    """Read an export whose file name says that it is one (.enw, .net, .ris, .eln)."""
    decoded = decode(content)
    text = same_breaks(decoded.text)
    if not (form := style(text)):
        todo = "the name says that this is an export of references, but its fields are not those of CNKI, NoteExpress, EndNote, RefWorks or RIS; export it again in one of these formats"
        raise Unread("unknown format", todo)
    return records(form, text, decoded)


def style(text: str) -> Style | None:
    """Tell how an export is written; None for a text that is no export: it must open with a field and name two more."""
    head = [line for line in text[:20000].lstrip("\ufeff").split("\n") if line.strip()][:80]
    for candidate in STYLES:
        tags = [_tag(candidate, line)[0] for line in head]
        known = {tag for tag in tags if tag} & {tag for names in candidate.tags.values() for tag in names}
        if tags and tags[0] and len(known) >= 2 and (tags[0] in candidate.opens or candidate is STYLES[0]):
            return candidate
    return None


def _tag(form: Style, line: str) -> tuple[str, str]:
    """Return the tag of a line and its value, empty where it has none: `Note: …` in running text is none of 自定义's fields."""
    match = form.line.match(line)
    if not match or (form is STYLES[0] and not _EXPORTED.fullmatch(match[1])):
        return "", ""
    return match[1], match[2] or ""


def records(form: Style, text: str, decoded: Decoded) -> Found:
    """Read the records of an export: one row a record; one without an abstract, or cut at the end, is refused."""
    body = text.lstrip("\ufeff")
    entries = _entries(form, body)
    fields = [_fields(form, entry) for entry in entries]
    last_is_cut = decoded.cut or _is_cut(form, entries, fields, body)
    found = Found()
    width = max(4, len(str(len(entries))))
    for number, known in enumerate(fields, 1):
        place, title = f"record {number}", known["title"] or "without a title"
        if number == len(entries) and last_is_cut:
            todo = f"the file ends inside this record ({title}); export it again"
            found.refusals.append(refusal("truncated", todo, place))
        elif not known["abstract"]:
            todo = f"the record has no abstract ({title}); add its full text as a file of its own, or leave it out"
            found.refusals.append(refusal("no text", todo, place))
        else:
            text, name = known["abstract"], f"-{number:0{width}d}"
            said = remark(f"{form.name} record: the text is the abstract", damage(text))
            found.rows.append(document("cnki", decoded.encoding, text, place, name, remarks=said, **known))
    return found


def _entries(form: Style, text: str) -> list[Record]:
    """Cut an export into records of (tag, value); lines without a tag go on with the field before them."""
    entries: list[list[tuple[str, list[str]]]] = []
    opening = ""
    for line in text.split("\n"):
        tag, value = _tag(form, line)
        if not tag:
            if entries and (form.name != "RIS" or line.strip()):
                entries[-1][-1][1].append(line)
            continue
        opening = opening or tag
        repeats = form is STYLES[0] and entries and tag in {name for name, _ in entries[-1]}
        if not entries or tag == opening or tag in form.opens[:1] or repeats:
            entries.append([])
        entries[-1].append((tag, [value]))
    return [[(tag, "\n".join(lines).strip()) for tag, lines in entry] for entry in entries]


def _fields(form: Style, entry: Record) -> dict[str, str]:
    known = {}
    for name in _FIELDS:
        filled = ([value for found, value in entry if found == tag and value] for tag in form.tags[name])
        values = next(filter(None, filled), [])
        if name in ("author", "keywords"):
            split = r"[;；\n]|%A" if name == "author" else r"[;；\n]"
            parts = (part.strip() for value in values for part in re.split(split, value))
            known[name] = ";".join(filter(None, parts))
        else:
            known[name] = "\n".join(values if name == "abstract" else values[:1])
    return known


def _is_cut(form: Style, entries: list[Record], fields: list[dict[str, str]], text: str) -> bool:
    """Tell whether the file breaks off inside its last record.

    RIS says where a record ends. Elsewhere the last record must stop, without a line end, at a field at which no other
    record stops, or in an abstract that has no end.
    """
    if form.name == "RIS":
        return any(entry[-1][0] == "ER" for entry in entries[:-1]) and entries[-1][-1][0] != "ER"
    tag, value = entries[-1][-1]
    in_abstract = tag in form.tags["abstract"]
    elsewhere = {entry[-1][0] for entry in entries[:-1]}
    if in_abstract and not _ENDS.search(value) and (elsewhere - {tag} or not text.endswith("\n")):
        return True
    if text.endswith("\n") or not elsewhere or tag in elsewhere:
        return False
    return not fields[-1]["abstract"] and any(known["abstract"] for known in fields[:-1])
