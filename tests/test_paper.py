"""What goes into the paper: every number of the methods section comes from the study, both languages hold the same, and an archive shows what was changed."""

import io
import json
import re
import shutil
import string
import zipfile
from types import SimpleNamespace

import docx
import nbformat
import pandas as pd
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from worlds import of_one_topic_each as planted

from nqp_topics import cli
from nqp_topics.counts import save
from nqp_topics.documents.split import read_passages
from nqp_topics.files.tables import read_table, write_table
from nqp_topics.files.workbook import write_workbook
from nqp_topics.reproduce import bundle, check_bundle, methods, shared_table, write_methods
from nqp_topics.reproduce.begin import BEGUN
from nqp_topics.reproduce.facts import WORDS, Facts
from nqp_topics.reproduce.methods import markdown, outdated, tally
from nqp_topics.study import Refused, load
from nqp_topics.topics import train

NUMBER = re.compile(r"-?\d[\d,.]*%?")
TOML = """[study]
name = "s"
[count]
counts = "counts"
[split]
articles = "articles.csv"
[train]
topics = 6  # six because the world was planted so,
            # and for no other reason
seed = 3
[train.sampler]
chains = 2
sweeps = 20
"""


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    counts = planted()
    save(counts, folder / "counts")
    (folder / "study.toml").write_text(TOML, "utf-8")
    ids = sorted(set(counts.articles))
    about = pd.DataFrame({"id": ids, "source": "x.txt", "start_line": range(1, len(ids) + 1)})
    about["end_line"] = about["start_line"]
    about["voice"] = ["academic" if number % 3 else "interview" for number in range(len(ids))]
    about["date"] = [f"{2001 + number % 7}" if number % 2 else "" for number in range(len(ids))]
    about = about.assign(
        body="", title="t", author="", affiliation="", outlet="", region="", notes="", fingerprint=""
    )
    about.to_csv(folder / "articles.csv", index=False)
    return load(folder)


def of(table, item):
    return table.set_index("item").loc[item]


def test_every_number_is_the_studys_and_both_languages_hold_the_same(study):
    table = methods(study)
    for row in table.itertuples():
        english, chinese = (sorted(NUMBER.findall(text.replace(",", ""))) for text in (row.en, row.zh))
        assert [one.rstrip(".") for one in english] == [one.rstrip(".") for one in chinese], row.item
    run = train(planted(), 6, 3, chains=2, sweeps=20)
    size = of(table, "size").en
    assert NUMBER.findall(size)[:3] == ["45", "180", "120"] and "3,600" in size
    assert of(table, "dates").en == "22 of 45 articles bear a date, the first of 2001, the last of 2007."
    assert of(table, "groups").en == "Articles by kind of voice: Academics (30), Interviews (15)."
    assert "2 chains of 6 topics, 20 sweeps" in of(table, "engine").en and "seed 3" in of(table, "engine").en
    assert (
        f"{run.prior.sum():.3g}" in of(table, "priors").en and run.fingerprint[:12] in of(table, "rerun").en
    )
    assert "six because the world was planted so, and for no other reason" in of(table, "reason").en


def test_a_shared_table_comes_back_without_the_apostrophes_of_spreadsheets(study, tmp_path):
    made = pd.DataFrame({"id": ["=甲", "-1"], "article": ["@a", "b"], "place": ["+", "甲"], "@han": [3, 4]})
    copy = shutil.copytree(study.folder, tmp_path / "copy")
    write_table(made, copy / "passages.csv")
    for found in (shared_table(load(copy), "passages"), read_passages(copy / "passages.csv")):
        assert found.astype(str).equals(made.astype(str)), found


def test_articles_without_a_group_are_counted(study, tmp_path):
    copy = shutil.copytree(study.folder, tmp_path / "copy")
    about = pd.read_csv(copy / "articles.csv", keep_default_na=False)
    about.loc[:1, "voice"] = ""
    about.to_csv(copy / "articles.csv", index=False)
    said = of(methods(load(copy)), "groups")
    assert said.en.endswith(": Academics (29), Interviews (14). 2 articles have no group.")
    assert said.zh.endswith("（14）。另有2篇文章没有分组。")


@pytest.mark.parametrize(("key", "pair"), WORDS["sentences"].items(), ids=str)
def test_a_sentence_has_the_same_places_in_both_languages(key, pair):
    places = [
        {field for _, field, _, _ in string.Formatter().parse(one) if field is not None} for one in pair
    ]
    assert len(pair) == 2 and [one.count("{") for one in pair].count(pair[0].count("{")) == 2
    assert all(one == {""} or one == set(map(str, range(len(one)))) for one in places), key


def test_what_nobody_has_said_is_missing_and_what_is_not_asked_says_why(study):
    table = methods(study)
    for item in ("question", "selection", "limits", "cleaning", "labels", "readers", "seeds", "alternatives"):
        row = of(table, item)
        assert row["state"] == "MISSING" and row["en"] == row["zh"] == "" and row["todo"], item
    (study.folder / "study.toml").write_text(
        TOML.replace("  # six", "\n# six") + '[methods]\nquestion = "何以如此"\n', "utf-8"
    )
    again = methods(load(study.folder))
    assert of(again, "question")["zh"] == "何以如此" and of(again, "reason")["state"] == "MISSING"
    about = pd.read_csv(study.folder / "articles.csv", dtype=str, keep_default_na=False)
    about.assign(voice="", date="").to_csv(study.folder / "articles.csv", index=False)
    bare = methods(load(study.folder))
    assert bare.loc[bare["item"] == "groups", "state"].iloc[0] == "not applicable"
    assert (bare.loc[bare["item"] == "dates", "state"] == "not applicable").all()
    assert sum(tally(bare).values()) == len(bare)
    (study.folder / "study.toml").write_text(TOML.replace("topics = 6", "# topics"), "utf-8")
    with pytest.raises(Refused, match="no number of topics"):
        methods(load(study.folder))


def written(folder, **tables):
    """Tables that a study shares or that its figures draw, from rows of text."""
    (folder / "figures").mkdir(exist_ok=True)
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")


RUNS = "topic,en,zh,group,tested,bh,run_bh\n"
SAYS = [
    # what stands in the tables, the item, what is said in either language, and what must not be
    (
        {"losses": "source,step,pieces,han\n1,drop_references,4,30\n1,repair_characters,9,9\n2,drop_references,1,2\n"},
        "cleaning",
        ["references (5); 32 Chinese characters", "参考文献（5）；共去除 32 个汉字"],
        ["41", "footnotes", "mended"],  # what was mended was not taken away; what was not there is not told
    ),
    ({"losses": "source,step,pieces,han\n"}, "cleaning", ["Nothing was taken away", "没有从原文中去除"], ["references"]),
    (
        {"trimmed": "word,passages,tokens,share,reason\na,1,1,.1,in fewer than 3 passages\nb,90,99,.1,in more than 0.5 of passages\nc,1,1,.1,in fewer than 3 passages\n"},
        "thresholds",
        ["at most 50% of them; 2 words stand in too few, 1 in too many", "过少略去 2 个词，因过多略去 1 个"],
        ["0.5"],
    ),
    (
        {"sifted": "word,why,count,share\n，,sign,5,0.25\n一,number,1,0.05\n"},
        "filters",
        ["numbers and dates, together 30.0% of all tokens", "合计占全部词次的 30.0%"],
        ["stop words (", "停用词（"],  # the study has none of its own
    ),
    (
        {"figures/group_shares": RUNS + "T01,a,甲,academic,True,0.01,0.2\nT02,b,乙,academic,True,0.01,0.03\nT02,b,乙,interview,False,0.01,0.03\n"},
        "differences",
        ["over 2 topics", "every run with another seed that has the topic): 1 (T02)", "not tested: Interviews", "不检验：访谈"],
        ["T01", "contrasts"],
    ),
    (
        {"figures/group_shares": RUNS + "T01,a,甲,academic,True,0.01,\nT02,b,乙,academic,True,0.2,\n"},
        "differences",
        ["in the reported run alone): 1 (T01)", "仅就报告的运行而言）：1 个（T01）"],
        ["another seed", "not tested"],
    ),
    ({"figures/group_shares": RUNS + "T01,a,甲,academic,True,,\n"}, "differences", ["MISSING"], ["differ"]),
    (
        {"figures/effect_sizes": "topic,term,level,reference,estimate,bh,run_low,run_high,run_bh,articles,witnesses\nT01,period,b,a,0.1,0.01,0.1,0.2,0.02,45,40\nT02,period,b,a,0.1,0.01,0.1,0.1,0.2,45,40\nT03,period,b,a,0.1,0.01,-0.2,0.1,0.02,45,40\n"},
        "differences",
        ["explained by period, over 45 articles of 40 independent witnesses: 3 contrasts", "has the topic): 1.", "以时期解释主题占比"],
        ["shuffling"],
    ),
    (
        {"figures/over_years": "topic,group,time,flat,turn,turn_words\nT01,,2001,False,False,True\nT01,,2007,False,True,False\nT02,,2001,True,False,False\nT02,,2007,True,False,False\n"},
        "time",
        ["2 topics are told from 2001 to 2007", "in 1 of them no level line", "at 1 moment, the words within topics at 1"],
        [],
    ),
    (
        {"figures/how_many": "score,K,mean,chains\nheld_out,4,-1,1\nheld_out,10,-2,1\nseparation,4,1,\n"},
        "alternatives",
        ["4, 10 topics, fitted quickly, by one chain a seed, were compared by scores: Held-out", "4、10 个主题的模型（均为快速拟合，每个种子一条链），依据的指标：留出文本"],
        [],
    ),
    (
        {"figures/how_many": "score,K,mean,chains\nheld_out,4,-1,1\nheld_out,10,-2,8\n"},
        "alternatives",
        ["4, 10 topics were compared by scores: Held-out", "4、10 个主题的模型，依据的指标：留出文本"],
        ["quickly"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("tables", "item", "said", "never"), SAYS)
def test_what_is_said_is_what_the_tables_hold(study, tables, item, said, never):
    written(study.folder, **tables)
    row = of(methods(study), item)
    told = f"{row['state']} {row['en']} {row['zh']}"
    assert all(one in told for one in said) and not any(one in told for one in never), told
    english, chinese = (
        sorted(one.rstrip(".,") for one in NUMBER.findall(row[side])) for side in ("en", "zh")
    )
    assert english == chinese, told


def test_a_figure_of_another_run_answers_nothing_and_what_is_to_do_can_be_done(study):
    written(
        study.folder, **{"figures/stability": "topic,top_words,chance_top_words\nT01,0.9,0.1\nT02,0.4,0.1\n"}
    )
    row = of(methods(study), "seeds")
    assert "overlap by 0.40 to 0.90 (mean Jaccard coefficient, by topic); by chance 0.10" in row[
        "en"
    ] and row["en"].endswith("Below one half: T02.")
    own = train(planted(), 6, 3, chains=2, sweeps=20).fingerprint
    for run, state in (("0" * 12, "MISSING"), (own, "answered")):
        about = PngInfo()
        about.add_text("Run", run)
        Image.new("L", (1, 1)).save(study.folder / "figures/stability.png", pnginfo=about)
        assert of(methods(study), "seeds")["state"] == state
    assert of(methods(study), "alternatives")["todo"] == "notebooks/3-choose.ipynb"  # which it lacks
    (study.folder / "notebooks").mkdir()
    (study.folder / "notebooks/3-choose.ipynb").write_text("{}", "utf-8")
    assert of(methods(study), "alternatives")["todo"] == "nqp-topics figures 3-choose"


def test_settings_are_told_as_they_ran(study):
    lines = "finer = 1.5\n[segment]\nparts = ['n']\n[clean]\nscript = 'simplified'\n[compare]\norder = ['interview']\n"
    (study.folder / "study.toml").write_text(TOML + lines, "utf-8")
    (study.folder / "losses.csv").write_text("source,step,pieces,han\n", "utf-8")
    said = methods(load(study.folder)).set_index("item")["en"]
    assert "2 chains of 9 topics" in said["engine"] and "make 6 groups" in said["engine"]
    assert "0.05 while the model is fitted and 0.1 in the distributions" in said["priors"]
    assert "other parts of speech than n" in said["filters"] and "written as Simplified" in said["cleaning"]
    assert "Interviews (15), Academics (30)" in said["groups"]
    known = TOML.replace("seed = 3", 'seed = 3\nprevalence = "voice"')
    for asked, told in ((TOML, ""), (known, "40 sweeps with what is known")):
        (study.folder / "study.toml").write_text(asked, "utf-8")
        row = of(methods(load(study.folder)), "engine")
        assert told in row.en and ("went on from them" in row.en) == ("轮采样，共" in row.zh) == bool(told)
    one = TOML.replace("chains = 2", "chains = 1")
    (study.folder / "study.toml").write_text(one, "utf-8")
    table = methods(load(study.folder))
    assert "one chain, 20 sweeps" in of(table, "engine").en and of(table, "chains").state == "not applicable"
    other = one.replace("seed = 3", 'seed = 3\nengine = "gensim"').replace("train.sampler", "train.gensim")
    (study.folder / "study.toml").write_text(other.replace("chains = 1\nsweeps = 20", "passes = 2"), "utf-8")
    table = methods(load(study.folder))
    assert "LdaModel of gensim" in of(table, "engine").en
    assert "iterations = 50, passes = 2" in of(table, "engine").en
    assert of(table, "convergence").state == "MISSING"  # gensim notes it once: nothing shows that it settled


def test_findings_are_told_with_their_kind_and_what_chance_gives(study):
    (study.folder / "study.toml").write_text(TOML + "[vary]\ntopics = [5]\nleave_out = [true]\n", "utf-8")
    assert of(methods(load(study.folder)), "other choices").todo == "nqp-topics vary"
    (study.folder / "findings.toml").write_text(
        '[[finding]]\nname = "f"\ntopic = "T01"\nmore = "academic"\nkind = "exploratory"\ndate = "2026-01-01"\nfrom_run = true\nname_zh = "甲"\n', "utf-8"
    )  # fmt: skip
    rows = ["universe,finding,placebo,state,size"]
    rows += ["0,f,False,found,0.2", "1,f,False,not matched,"]
    rows += ["0,f,True,not found,0.1", "1,f,True,not matched,"]
    (study.folder / "multiverse.csv").write_text("\n".join(rows), "utf-8")
    row = of(methods(load(study.folder)), "other choices")
    assert "(topics 5; each witness left out in turn)" in row.en
    assert "exploratory, suggested by the reported run" in row.en
    assert (
        "in 1 of 2 combinations (50%, with shuffled groups in 0%); 1 lack its topic, 0 fits failed" in row.en
    )
    assert "2 种组合中的 1 种成立（50%，随机分组时为 0%）" in row.zh and "甲" in row.zh and "探索性" in row.zh


def test_chinese_holds_no_english_of_ours(study):
    """Names, settings and commands stay as they are; what the author said in one language is quoted in both."""
    chinese = markdown(methods(study), "zh")
    assert "six because" in chinese
    (study.folder / "study.toml").write_text(
        TOML + '[methods]\nquestion = "Why so?"\nquestion_zh = "何以如此？"\nreason_zh = "世界如此"\n',
        "utf-8",
    )
    table = methods(load(study.folder))
    assert of(table, "question").en == "Why so?" and of(table, "question").zh == "何以如此？"
    chinese = markdown(table, "zh")
    left = re.sub(r"`[^`]*`|【[^】]*】", "", chinese)
    left = re.sub(
        r"study\.toml|nqp[-_]topics( verify)?|jieba|LDA|Gibbs|EM|Dirichlet|Dice|counts|Markdown|[0-9a-f]{12}",
        "",
        left,
    )
    assert not re.findall("[A-Za-z]{2,}", left)
    assert "世界如此" in chinese and "six because" in markdown(table, "en")


def test_methods_are_written_in_both_languages_and_known_when_they_are_old(study, capsys):
    table = methods(study)
    assert cli.main(["methods", "--study", str(study.folder)]) == 0
    place = study.folder / "methods"
    assert (place / "methods.md").read_text("utf-8") == markdown(table, "en")
    assert "missing: readers (nqp-topics validate" in capsys.readouterr().err
    for end, head in (("", "Corpus"), (".zh", "语料")):
        words = [one.text for one in docx.Document(str(place / f"methods{end}.docx")).paragraphs]
        assert words[0] == head and any("180" in one for one in words)
        rows = docx.Document(str(place / f"methods{end}.docx")).tables[0].rows
        assert len(rows) == len(table) + 1 and rows[1].cells[0].text == head  # the checklist is in Word too
    kept = {file.name: file.read_bytes() for file in place.iterdir()}
    write_methods(table, place)
    assert {file.name: file.read_bytes() for file in place.iterdir()} == kept
    assert outdated(study, place) == {"methods.md": False, "methods.zh.md": False}
    (study.folder / "study.toml").write_text(TOML.replace("seed = 3", "seed = 4"), "utf-8")
    assert outdated(load(study.folder), place) == {"methods.md": True, "methods.zh.md": True}
    assert outdated(study, study.folder) == {}


def test_a_bundle_is_checked_by_a_stranger_and_shows_what_was_changed(study, tmp_path, capsys):
    file, secret = tmp_path / "a.zip", study.folder / "data" / "raw"
    secret.mkdir(parents=True)
    (secret / "text.txt").write_text("原文", "utf-8")
    (study.folder / "labels.xlsx").write_bytes(b"texts")
    (study.folder / "validation").mkdir()
    (study.folder / "validation" / "page-with-texts.html").write_text("原文", "utf-8")
    (study.folder / "validation" / "items.csv").write_text("item\n", "utf-8")
    assert cli.main(["bundle", "--study", str(study.folder), "-o", str(file)]) == 0
    names = bundle(study, tmp_path / "b.zip")
    assert file.read_bytes() == (tmp_path / "b.zip").read_bytes()
    there = "study.toml articles.csv counts/counts.json run/run.json validation/items.csv manifest.json"
    assert set(there.split()) <= set(names)
    assert not any(word in name for name in names for word in ("raw", "labels.xlsx", "with-texts"))
    assert (check_bundle(file)["verdict"] == "match").all()
    assert cli.main(["verify", str(file)]) == 0
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for change, why in (
        ({"study.toml": members["study.toml"].replace(b"seed = 3", b"seed = 5")}, "other bytes"),
        ({"study.toml": None}, "not in the archive"),
        ({"new.csv": b"x"}, "not in the manifest"),
        ({"run/words.csv": members.get("run/words.csv", b"") + b"x"}, ""),
    ):
        other = rezip({**members, **change}, tmp_path)
        table = check_bundle(other)
        assert (table["verdict"] == "differs").any() and (not why or table["why"].str.contains(why).any()), (
            change
        )
        assert cli.main(["verify", str(other)]) == 1
    # hashes made anew do not make another run the reported one
    about = json.loads(members["manifest.json"])
    about["run"] = "0" * 64
    table = check_bundle(rezip({**members, "manifest.json": json.dumps(about).encode()}, tmp_path)).set_index(
        "file"
    )
    assert table.loc["run", "why"] == "another fingerprint"
    capsys.readouterr()


def rezip(members, folder):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            if content is not None:
                archive.writestr(name, content)
    file = folder / "other.zip"
    file.write_bytes(packed.getvalue())
    return file


def test_a_bundle_has_the_registry_of_a_workbook_without_first_characters_of_texts(study, tmp_path):
    about = pd.read_csv(study.folder / "articles.csv", dtype=str, keep_default_na=False)
    beside = about.assign(begins="秘而不宣的开头", han="5", check="very short", **{"国别": "甲"})
    write_workbook({"articles": beside}, study.folder / "articles.xlsx", {"begins": "开头"})
    (study.folder / "study.toml").write_text(TOML.replace("articles.csv", "articles.xlsx"), "utf-8")
    bundle(load(study.folder), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path / "out")
    there = read_table(tmp_path / "out" / "articles.xlsx", "", "")
    assert list(there) == [*about, "国别"] and (there["title"] == "t").all() and len(there) == len(about)
    assert "秘" not in there.to_string() and (check_bundle(tmp_path / "a.zip")["verdict"] == "match").all()
    beside.to_csv(study.folder / "articles.csv", index=False)
    (study.folder / "study.toml").write_text(TOML, "utf-8")
    bundle(load(study.folder), tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert "秘" not in archive.read("articles.csv").decode()
        assert "国别" in archive.read("articles.csv").decode()


def test_counts_outside_the_study_are_no_part_of_a_bundle(study, tmp_path):
    (study.folder / "counts").rename(tmp_path / "elsewhere")
    (study.folder / "study.toml").write_text(TOML.replace('"counts"', f'"{tmp_path}/elsewhere"'), "utf-8")
    with pytest.raises(Refused, match="outside its folder"):
        bundle(load(study.folder), tmp_path / "b.zip")


def test_a_table_that_holds_text_of_documents_stays_out_of_a_bundle(study, tmp_path):
    heads = {
        "kwic": "id,article,place,left,term,right",
        "lost": "step,line,han,removed,document",
        "regions": "id,region",
    }
    for name, columns in heads.items():
        (study.folder / f"{name}.csv").write_text(f"\ufeff{columns}\n", "utf-8")
    names = bundle(study, tmp_path / "b.zip")
    assert "regions.csv" in names and not {"kwic.csv", "lost.csv"} & set(names)


def test_what_a_person_saw_of_documents_in_a_notebook_stays_out_of_a_bundle(study, tmp_path):
    output = nbformat.v4.new_output("stream", text="秘而不宣的原文")
    cells = [
        nbformat.v4.new_code_cell("places", metadata={"tags": ["documents"]}, outputs=[output]),
        nbformat.v4.new_code_cell("run", outputs=[nbformat.v4.new_output("stream", text="6 topics")]),
    ]
    for place in ("notebooks/1-read.ipynb", "notebooks/.ipynb_checkpoints/1-read-checkpoint.ipynb"):
        (study.folder / place).parent.mkdir(exist_ok=True)
        widgets = {"application/vnd.jupyter.widget-state+json": {"state": {"1": {"value": "秘而不宣的原文"}}}}
        book = nbformat.v4.new_notebook(cells=cells, metadata={"widgets": widgets})
        nbformat.write(book, study.folder / place)
    names = bundle(study, tmp_path / "b.zip")
    assert [name for name in names if "ipynb" in name] == ["notebooks/1-read.ipynb"]
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        read = archive.read("notebooks/1-read.ipynb").decode()
    assert "秘" not in read
    assert "6 topics" in read
    assert (check_bundle(tmp_path / "b.zip")["verdict"] == "match").all()
    (study.folder / "study.toml").write_text(TOML.replace('"s"', '"s"\npublish_texts = true'), "utf-8")
    bundle(load(study.folder), tmp_path / "c.zip")
    with zipfile.ZipFile(tmp_path / "c.zip") as archive:
        assert "秘" in archive.read("notebooks/1-read.ipynb").decode()


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"../../evil": b"x", "manifest.json": b"{}"}, "point outside"),
        ({"/etc/x": b"x", "manifest.json": b"{}"}, "point outside"),
        ({"a": b"x"}, "nqp-topics bundle wrote"),
        ({"manifest.json": b"[" * 100_000}, "nqp-topics bundle wrote"),
        ({"manifest.json": b"[1, 2]"}, "nqp-topics bundle wrote"),
        ({"manifest.json": b"{}"}, "nqp-topics bundle wrote"),
    ],
)
def test_what_is_no_bundle_is_refused(members, said, tmp_path):
    with pytest.raises(Refused, match=said):
        check_bundle(rezip(members, tmp_path))


def test_texts_go_along_only_where_their_owner_says_so(study, tmp_path):
    with pytest.raises(Refused, match="nobody has allowed"):
        bundle(study, tmp_path / "a.zip", texts=True)
    for content in (b"", b"no zip at all", b"PK\x03\x04"):
        (tmp_path / "c.zip").write_bytes(content)
        with pytest.raises(Refused, match="nqp-topics bundle wrote"):
            check_bundle(tmp_path / "c.zip")
    raw = study.folder / "data" / "raw"
    raw.mkdir(parents=True)
    (raw / "text.txt").write_text("原文", "utf-8")
    (study.folder / "study.toml").write_text(
        TOML.replace('name = "s"', 'name = "s"\npublish_texts = true'), "utf-8"
    )
    assert "data/raw/text.txt" in bundle(load(study.folder), tmp_path / "a.zip", texts=True)
    assert "data/raw/text.txt" not in bundle(load(study.folder), tmp_path / "b.zip")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_remark_of_a_new_study_is_no_reason_of_its_author(tmp_path, language):
    template = BEGUN[language]["settings"]
    line = next(one for one in template.split("\n") if one.startswith("# topics = ")).removeprefix("# ")
    for remark, reason in ((line, ""), ("topics = 12  # readers agree best", "readers agree best")):
        (tmp_path / "study.toml").write_text(f'[study]\nname = "a"\n[train]\n{remark}\n', "utf-8")
        facts = SimpleNamespace(study=load(tmp_path))
        assert Facts.reason(facts, "topics") == reason
