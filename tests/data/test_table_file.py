"""Tables of attributes and classes by the names of pictures."""

import numpy as np
import pytest

from tests.data.pictures import both, save
from tfgan_models.data.attribute_file import labels_of
from tfgan_models.errors import InputError

PICTURES = ("a.jpg", "x/b.jpg", "c.png")


def read(tmp_path, text, pictures=PICTURES, **columns):
    file = tmp_path / "table.csv"
    file.write_text(text)
    return labels_of(file, pictures, **columns)


@pytest.mark.parametrize("separator", [",", ";", "\t", ", "])
@pytest.mark.parametrize("no", ["-1", "0"])
def test_attributes(tmp_path, separator, no):
    rows = [
        ("image_id", "Male", "Young"),
        ("c.png", "1", no),
        ("a.jpg", no, no),
        ("b.jpg", no, "1"),
        ("z.jpg", "1", "1"),
    ]
    found = read(tmp_path, "\n".join(separator.join(row) for row in rows) + "\n\n")
    assert found.attribute_names == ("Male", "Young")
    assert {path: row.tolist() for path, row in found.attributes.items()} == {
        "a.jpg": [0, 0],
        "x/b.jpg": [0, 1],
        "c.png": [1, 0],
    }
    assert found.class_names == () and found.attributes["a.jpg"].dtype == np.uint8


@pytest.mark.parametrize(
    "names",
    [
        ("a.jpg", "x/b.jpg", "c.png"),
        ("a", "b", "c"),
        ("./a.jpg", "x\\b.jpg", "c.png"),
        ("/data/train/a.jpg", "/data/train/x/b.jpg", "/data/train/c.png"),
    ],
)
def test_classes_by_file(tmp_path, names):
    found = read(tmp_path, f'id,breed\n{names[0]},"cat, black"\n{names[1]},dog\n{names[2]},dog\n')
    assert found.class_names == ("cat, black", "dog")
    assert found.classes == {"a.jpg": "cat, black", "x/b.jpg": "dog", "c.png": "dog"}
    assert found.note == "table.csv: 2 classes from the column 'breed', pictures by the column 'id'"


def test_numbers_of_which_some_never_had_zeros_name_pictures(tmp_path):
    pictures = ("08.jpg", "09.jpg", "10.jpg", "11.jpg")
    text = "id,sex\n" + "".join(f"{number},{number % 2}\n" for number in (8, 9, 10, 11))
    found = read(tmp_path, text, pictures)
    assert [found.attributes[path].tolist() for path in pictures] == [[0], [1], [0], [1]]


def test_names_count_more_than_numbers(tmp_path):
    pictures = tuple(f"{i:02}.jpg" for i in range(4))
    found = read(tmp_path, "n,file,y\n2,00.jpg,1\n1,01.jpg,0\n0,99.jpg,0\n3,98.jpg,0\n", pictures)
    assert found.classes == {"00.jpg": "1", "01.jpg": "0"}


@pytest.mark.parametrize("names", [("1", "2", "10"), ("1.0", "2.0", "10.0")])
def test_numbers_without_their_zeros_name_pictures(tmp_path, names):
    pictures = ("000001.jpg", "x/000002.jpg", "000010.jpg")
    found = read(tmp_path, "id,sex\n" + "".join(f"{name},{i % 2}\n" for i, name in enumerate(names)), pictures)
    assert {path: row.tolist() for path, row in found.attributes.items()} == {
        pictures[0]: [0],
        pictures[1]: [1],
        pictures[2]: [0],
    }


def test_numbers_that_several_rows_or_pictures_share_name_no_pictures(tmp_path):
    with pytest.raises(InputError, match="names the pictures"):
        read(tmp_path, "id,sex\n1,0\n1,1\n2,0\n", ("01.jpg", "02.jpg"))
    with pytest.raises(InputError, match="names the pictures"):
        read(tmp_path, "id,sex\n1,0\n2,1\n3,1\n", ("01.jpg", "x/001.jpg", "02.jpg"))


def test_a_column_of_labels_of_0_and_1_is_of_classes(tmp_path):
    found = read(tmp_path, "filename,label\na.jpg,0\nb.jpg,1\nc.png,\n".replace("c.png,", "c.png,1"))
    assert found.class_names == ("0", "1") and found.attribute_names == ()


def test_a_column_named_label_is_of_classes_among_others(tmp_path):
    found = read(tmp_path, "filename,label,split\na.jpg,0,train\nb.jpg,1,test\nc.png,1,train\n")
    assert found.class_names == ("0", "1")


def test_a_row_is_not_of_another_picture_of_the_same_name(tmp_path):
    pictures = ("train/1.png", "train/2.png", "test/1.png")
    found = read(tmp_path, "filename,label\ntrain/1.png,cat\ntrain/2.png,dog\n", pictures=pictures)
    assert found.classes == {"train/1.png": "cat", "train/2.png": "dog"}


def test_numbers_are_in_order_of_their_values(tmp_path):
    assert read(tmp_path, "label,file\n10,a.jpg\n9,b.jpg\n9,c.png\n").class_names == ("9", "10")


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (("--1", "-2", "3"), ("-2", "--1", "3")),
        (("-", "2", "-10"), ("-10", "-", "2")),
        (("\N{SUPERSCRIPT TWO}", "1", "0"), ("0", "\N{SUPERSCRIPT TWO}", "1")),
        (("9" * 5000, "b", "a"), ("9" * 5000, "a", "b")),
    ],
    ids=["minus", "hyphen", "superscript", "long"],
)
def test_names_of_classes_that_look_like_numbers(tmp_path, names, order):
    rows = [f"{path},{name}" for path, name in zip(PICTURES, names, strict=True)]
    assert read(tmp_path, "\n".join(["file,label", *rows]), label_column="label").class_names == order


PLAIN = "id,kind\na.jpg,cat\nb.jpg,dog\nc.png,dog\n"


FILES = {
    "semicolon": "sep=;\n" + PLAIN.replace(",", ";"),
    "quoted": '"sep=|"\n' + PLAIN.replace(",", "|"),
    "after a blank line": "\r\nsep=,\r\n" + PLAIN,
    "tab": "SEP=\t\n\n" + PLAIN.replace(",", "\t"),
    "blank line": "\n" + PLAIN,
    "blanks": " \t \r\n\r\n" + PLAIN.replace("\n", "\r\n"),
    "separators": ",,\n" + PLAIN,
    "BOM": "\ufeff" + PLAIN,
    "two BOMs": "\ufeff\ufeff\n" + PLAIN,
    "old Mac": PLAIN.replace("\n", "\r"),
    "blank lines": PLAIN.replace("\n", "\n\n") + "\n\n",
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_first_lines_and_encodings_of_other_programs(tmp_path, content, encoding):
    file = tmp_path / "table.csv"
    file.write_bytes(content.encode(encoding))
    found = labels_of(file, PICTURES)
    assert found.classes == {"a.jpg": "cat", "x/b.jpg": "dog", "c.png": "dog"}


def test_errors_give_the_line_in_the_file_whatever_lies_before_it(tmp_path):
    with pytest.raises(InputError, match=r"line 4 of .* has 3 values and the header 2"):
        read(tmp_path, "sep=;\n\nid;kind\na.jpg;cat;dog\n")
    with pytest.raises(InputError, match=r"line 2 of .* names a picture"):
        read(tmp_path, "\na.jpg,cat\nb.jpg,dog\n")
    with pytest.raises(InputError, match=r"line 5 of the attribute file .* should hold a file's name and 1 values"):
        read(tmp_path, "\n2\nOld\na.jpg 1\nb.jpg 2\n")


def test_an_unusual_character_does_not_end_a_line(tmp_path):
    found = read(tmp_path, PLAIN.replace("cat", "black\u2028cat"))
    assert found.classes["a.jpg"] == "black\u2028cat"
    celeba = "2\nOld\na\x1cb.jpg 1\nb.jpg -1\n"
    assert read(tmp_path, celeba, ("a\x1cb.jpg", "b.jpg")).attributes["a\x1cb.jpg"].tolist() == [1]


@pytest.mark.parametrize("names", [("image.jpg", "a.jpg"), ("image", "a"), ("a.jpg",), ("a",)])
def test_a_picture_may_be_named_like_a_column(tmp_path, names):
    pictures = ("image.jpg", "kind.png", "Old.gif", "a.jpg")
    rows = [f"{name},cat,yes and no" for name in names] + ["q.jpg,dog,maybe"]
    found = read(tmp_path, "\n".join(["image,kind,Old", *rows]), pictures, label_column="kind")
    assert found.classes.keys() == {"image.jpg", "a.jpg"} if len(names) == 2 else {"a.jpg"}


@pytest.mark.parametrize("names", [("Old.gif", "a.jpg", "b.jpg"), ("Old", "a", "b")])
def test_a_table_without_a_header_is_recognized(tmp_path, names):
    text = "".join(f"{name},{kind}\n" for name, kind in zip(names, ("x", "y", "y"), strict=True))
    with pytest.raises(InputError, match=r"line 1 of .* names a picture: put a header above it"):
        read(tmp_path, text, ("Old.gif", "a.jpg", "b.jpg"))


def test_pictures_without_a_class_have_no_label(tmp_path):
    found = read(tmp_path, "file,kind\na.jpg,cat\nb.jpg,\nq.jpg,dog\nr.jpg,cat\n")
    assert found.classes == {"a.jpg": "cat"}
    assert found.note.endswith("2 of 3 pictures have no label")


SEVERAL = "id,kind,place,old,new\na.jpg,cat,in,0,1\nb.jpg,dog,out,1,1\nc.png,dog,in,0,0\n"


def test_columns_are_chosen(tmp_path):
    found = read(tmp_path, SEVERAL, label_column="place", attribute_columns=("new",))
    assert found.class_names == ("in", "out") and found.attribute_names == ("new",)
    assert found.attributes["c.png"].tolist() == [0]
    assert read(tmp_path, SEVERAL).attribute_names == ("old", "new")
    celeba = "3\nOld New\na.jpg 1 -1\nb.jpg 1 1\nc.png -1 -1\n"
    assert read(tmp_path, celeba, attribute_columns=("New",)).attributes["x/b.jpg"].tolist() == [1]


@pytest.mark.parametrize(
    ("text", "columns", "said"),
    [
        ("id,kind,place\na.jpg,cat,in\nb.jpg,dog,out\nc.png,dog,in\n", {}, "give label_column, one of kind, place"),
        (SEVERAL, {"label_column": "breed"}, "has no column 'breed': its columns are kind, place, old, new"),
        (SEVERAL, {"attribute_columns": ("kind",)}, "the column 'kind' of .* does not hold 0 and 1, or -1 and 1"),
        ("a.jpg,cat\nb.jpg,dog\n", {}, "line 1 of .* names a picture: put a header above it"),
        ("id,kind\nq.jpg,cat\nr.jpg,dog\n", {}, "no column of .* names the pictures, the first picture is 'a.jpg'"),
        ("id,kind\na.jpg,cat,dog\n", {}, "line 2 of .* has 3 values and the header 2"),
        ("id,kind\n", {}, "has a header and no rows"),
        ("id,kind,kind\na.jpg,cat,dog\n", {}, "line 1 of .* has two columns 'kind'"),
        ("id,kind\na.jpg,cat\n\na.jpg,dog\n", {}, "lines 2 and 4 of .* are both of 'a.jpg'"),
        ("id,Male\na.jpg,1\n", {}, "2 of 3 pictures have no row .* the first is 'x/b.jpg'"),
        ("3\nOld\na.jpg 1\nb.jpg 1\nc.png 1\n", {"label_column": "Old"}, "label_column Old: .* has attributes alone"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, text, columns, said):
    with pytest.raises(InputError, match=said) as caught:
        read(tmp_path, text, **columns)
    assert "\n" not in str(caught.value)


def test_pictures_of_one_name_need_their_folders(tmp_path):
    with pytest.raises(InputError, match=r"2 pictures share the row 'a.jpg'"):
        read(tmp_path, "id,kind\na.jpg,cat\nb.jpg,dog\n", ("x/a.jpg", "y/a.jpg"))


def test_a_table_gives_the_labels_of_a_folder(tmp_path, capsys):
    root = tmp_path / "in"
    for i in range(20):
        save(root / "photos" / f"{i:02}.png", (10 * i, 0, 0))
    file = root / "labels.csv"
    rows = [f"{i:02};{'dark' if i < 10 else 'bright'};{i % 2}" for i in range(20)]
    file.write_text("\n".join(["id;look;odd", *rows]))
    options = {"attributes": str(file)}
    for data in both(f"folder:{root}", tmp_path / "cache", **options):
        number = data.images[:, 0, 0, 0] // 10
        assert data.label_names == ("bright", "dark") and data.attribute_names == ("odd",)
        np.testing.assert_array_equal(data.labels, number < 10)
        np.testing.assert_array_equal(data.attributes[:, 0], number % 2)
    said = capsys.readouterr().err
    assert "in: labels.csv: 1 attributes and 2 classes from the column 'look', pictures by the column 'id'" in said
    train, _ = both(f"folder:{root}", tmp_path / "cache", attribute_columns=("odd",), **options)
    assert train.label_names == ("photos",)  # the table's label column was not chosen
