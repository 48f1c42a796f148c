"""Recorded traces are read in the formats that people have; what is bad is named by line."""

import unicodedata
from pathlib import Path

import numpy as np
import pytest

from tinybench.datasets.traces import Trace, busiest, labels_in, read
from tinybench.tasks import DataError

SESSION = """Script started on Thu Jul 25 11:26:08 2019
bash-3.2$ screen ${DEVICENAME} 115200
>=

 -,-,-
-766.0,132.0,709.0
-751.25,249.0,659.0

-,-,-
-3.0,139.0,1000.0
Really kill this window [y/n]
[screen is terminating]
Script done on 2019-07-29 13:14:32+00:00 [COMMAND_EXIT_CODE="0", X="1"]
"""


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def traces(folder: Path, label: str = "wing") -> list[Trace]:
    return list(read(folder, [label]))


def still(count: int, unit: float = 1000) -> str:
    return f"0,0,{unit}\n" * count


def test_terminal_session(tmp_path: Path) -> None:
    """Marks begin traces; what the terminal says around them is no data; milli-g are rounded."""
    write(
        tmp_path, "wing/output_wing_hyw.txt", SESSION.replace("\n", "\r\n").encode() + b"\xff\x00"
    )
    first, second = traces(tmp_path)

    assert first.readings.tolist() == [[-766, 132, 709], [-751, 249, 659]]
    assert second.readings.tolist() == [[-3, 139, 1000]]
    assert (first.label, first.person) == ("wing", "hyw")
    assert first.key != second.key


@pytest.mark.parametrize(
    "content",
    [
        "0.5,-2,1000\n1,2,1000\n",
        "x,y,z\n0.5,-2,1000\n1,2,1000\n",
        "\ufefftime; aX; aY; aZ\n0;0.5;-2;1000\n1;1;2;1000\n",
        "0,0.5,-2,1000\n0.04,1,2,1000\n",
        "z,label,y,x\n1000,wing,-2,0.5\n1000,wing,2,1\n\n",
        "acc_x\tacc_y\tacc_z (mg)\r\n0.5\t-2\t1000\r\n1\t2\t1000",
        '"x","y","z"\n"0.5","-2","1000"\n"1","2","1000"\n',
    ],
)
def test_csv(tmp_path: Path, content: str) -> None:
    """With a header or without, with time or without, in any order that a header names."""
    write(tmp_path, "wing/anna_1.csv", content)
    (trace,) = traces(tmp_path)

    assert trace.readings.tolist() == [[0, -2, 1000], [1, 2, 1000]]
    assert trace.person == "anna"


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("output_wing_hyw.txt", "hyw"),
        ("output_wing_du_pont.txt", "du_pont"),
        ("anna.csv", "anna"),
        ("anna_2.csv", "anna"),
        ("anna-2-take3.CSV", "anna"),
        ("p1 2.csv", "p1"),
        ("07.csv", "07"),
        ("Ægir_1.csv", "Ægir"),
    ],
)
def test_person_is_in_the_name(tmp_path: Path, name: str, person: str) -> None:
    write(tmp_path, f"wing/{name}", still(3))

    assert [person] == [trace.person for trace in traces(tmp_path)]


@pytest.mark.parametrize(("unit", "value"), [("g", 1.0), ("m/s²", 9.80665), ("milli-g", 1000.0)])
def test_gravity_tells_the_unit(tmp_path: Path, unit: str, value: float) -> None:
    """Boards print milli-g, g or m/s²; the readings are milli-g in each case."""
    write(tmp_path, "wing/anna.csv", still(5, value) + f"{value * 2},0,{value}\n")
    (trace,) = traces(tmp_path)

    assert trace.readings.tolist() == [[0, 0, 1000]] * 5 + [[2000, 0, 1000]]


def test_names_in_any_script_and_in_either_normal_form(tmp_path: Path) -> None:
    """Some file systems store é as two characters; both are the same gesture and person."""
    write(tmp_path, f"{unicodedata.normalize('NFD', 'épée')}/Zoë_1.csv", still(3))
    write(tmp_path, "波/output_波_王.txt", "-,-,-\n" + still(3))
    labels = labels_in(tmp_path, ("波", unicodedata.normalize("NFC", "épée")), ())

    assert labels == ("波", unicodedata.normalize("NFC", "épée"))
    assert [trace.person for trace in read(tmp_path, labels)] == ["王", "Zoë"]


def test_long_gesture_is_cut_to_its_movement(tmp_path: Path) -> None:
    """The movement is in the middle of what is kept."""
    moving = still(300) + "900,0,1000\n-900,0,1000\n" * 20 + still(100)
    write(tmp_path, "wing/anna.csv", moving)
    (trace,) = traces(tmp_path)
    (places,) = np.nonzero(trace.readings[:, 0])

    assert len(trace.readings) == 128
    assert len(places) == 40
    assert abs(places[0] - (127 - places[-1])) <= 2


def test_busiest_of_a_still_trace_is_its_middle() -> None:
    readings = np.zeros((428, 3), np.int16)
    readings[:, 0] = np.arange(428)

    assert busiest(np.zeros((300, 3), np.int16)).shape == (128, 3)
    # A steady drift is furthest from its mean at both ends; either is right.
    assert busiest(readings)[0, 0] in (0, 300)


def test_long_negative_gives_many_samples(tmp_path: Path) -> None:
    write(tmp_path, "negative/output_negative_1.txt", still(300) + "-,-,-\n" + still(10))

    assert [len(trace.readings) for trace in traces(tmp_path, "negative")] == [128, 128, 44, 10]


def test_order_of_classes(tmp_path: Path) -> None:
    """The known ones first, the negative last, whether it is wanted or not."""
    for name in ("negative", "circle", "ring", "wing", ".hidden"):
        write(tmp_path, f"{name}/anna.csv", still(3))

    first = ("wing", "ring", "slope")
    assert labels_in(tmp_path, (), first) == ("wing", "ring", "circle", "negative")
    assert labels_in(tmp_path, ("circle", "wing"), first) == ("circle", "wing", "negative")


def test_absent_gesture_is_named_with_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, "wing/anna.csv", still(3))
    write(tmp_path, "ring/anna.csv", still(3))

    with pytest.raises(DataError, match=r"gesture 'wings' \(did you mean 'wing'\?\).*ring, wing"):
        labels_in(tmp_path, ("wings", "ring"), ())


def test_one_class_is_not_enough(tmp_path: Path) -> None:
    write(tmp_path, "wing/anna.csv", still(3))

    with pytest.raises(DataError, match="has 1 classes; it needs a folder for each of two"):
        labels_in(tmp_path, (), ())


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("anna.csv", "1,2,1000\n1,2\n", r"anna.csv, line 2 has 2 columns, those before 3"),
        ("anna.csv", "1,2,1000\n\n1,nan,1000\n", r"anna.csv, line 3: 'nan' is not a finite"),
        ("anna.csv", "1,2,inf\n", r"anna.csv, line 1: 'inf' is not a finite"),
        ("anna.csv", "x,y,z\n1,2,1000\n1,2,oops\n", r"anna.csv, line 3: 'oops' is not a finite"),
        ("anna.csv", "a,b,c\n1,2,1000\n", r"anna.csv, line 1 is no header that names"),
        ("anna.csv", "1,2,3,4,5\n", r"anna.csv, line 1 has 5 columns; x,y,z or time,x,y,z"),
        ("anna.csv", "", r"anna.csv has no readings"),
        ("anna.csv", "x,y,z\n", r"anna.csv has no readings"),
        ("anna.csv", b"\x89PNG\r\n\x1a\n\x00\x00", r"anna.csv, line 1 is no header"),
        ("anna.csv", "0,0,70\n" * 9, r"anna.csv: its readings are 70 long.*g, m/s², milli-g"),
        ("anna.csv", "0,0,0\n" * 9, r"anna.csv: its readings are 0 long"),
        ("anna.csv", still(9) + "40000,0,0\n", r"trace 1 has a reading of 40 g"),
        ("anna.csv", still(15_001), r"anna.csv: a trace has more than 15000 readings.*-,-,-"),
        ("anna.csv", "1" * 10_000, r"anna.csv, line 1 has 1 columns"),
        ("output_wing_a.txt", "-,-,-\n1,2\n", r"a.txt, line 2 has 2 columns; x,y,z are three"),
        ("output_wing_a.txt", "-,-,-\n1,2,x\n", r"a.txt, line 2: 'x' is not a finite number"),
        ("output_wing_a.txt", "-,-,-\n1,nan,2\n", r"a.txt, line 2: 'nan' is not a finite"),
        ("output_wing_a.txt", "1,2\n-,-,-\n", r"a.txt, line 1 has 2 columns"),
        ("output_wing_a.txt", "-,-,-\n7\n", r"a.txt, line 2 has 1 columns"),
        ("output_wing_a.txt", "-,-,-\nnothing\n", r"a.txt has no readings"),
        ("output_ring_a.txt", "-,-,-\n", r"output_ring_a.txt: the name does not say who it was"),
        ("output_wing_.txt", "-,-,-\n", r"output_wing_.txt: the name does not say who it was"),
        ("notes.md", "nothing", r"wing has no traces; put output_wing_<person>.txt"),
    ],
)
def test_refused(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    """One line that names the file, the line and what is wrong."""
    write(tmp_path, f"wing/{name}", content)

    with pytest.raises(DataError, match=message) as caught:
        traces(tmp_path)
    assert "\n" not in str(caught.value)


def test_progress_counts_files(tmp_path: Path) -> None:
    for person in "abc":
        write(tmp_path, f"wing/{person}.csv", still(3))
    seen: list[tuple[int, int]] = []
    list(read(tmp_path, ["wing"], lambda done, total: seen.append((done, total))))

    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]
