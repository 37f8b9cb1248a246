"""Names in zip archives of programs that do not say that they write UTF-8."""

from __future__ import annotations

import zipfile

from tests.data.pictures import both
from tests.data.test_archives import pets, zip_of
from tfgan_models.data.zip_archive import _name


def test_names_in_utf_8_without_their_flag_are_read_as_they_are(tmp_path):
    """As the programs zip and Finder write them. Names in cp437 stay as Python reads them."""
    files = pets(tmp_path / "pets")
    names = {path: path.replace("cats", "Äpfel") for path in files}
    (tmp_path / "pets" / "cats").rename(tmp_path / "pets" / "Äpfel")
    archive = zip_of(tmp_path / "a.zip", {names[path]: content for path, content in files.items()})
    content = archive.read_bytes()
    for signature, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        while (at := content.find(signature)) >= 0:
            unset = int.from_bytes(content[at + flags : at + flags + 2], "little") & ~0x800
            content = (
                content[:at]
                + b"done"
                + content[at + 4 : at + flags]
                + unset.to_bytes(2, "little")
                + content[at + flags + 2 :]
            )
        content = content.replace(b"done", signature)
    archive.write_bytes(content)
    assert not any(info.flag_bits & 0x800 for info in zipfile.ZipFile(archive).infolist())
    for data, folder in zip(
        both(f"zip:{archive}", tmp_path / "cache"), both(f"folder:{tmp_path / 'pets'}", tmp_path / "cache"), strict=True
    ):
        assert data.digest() == folder.digest() and data.label_names == folder.label_names == ("dogs", "Äpfel")
    assert _name(zipfile.ZipInfo("\u00c4pfel".encode("cp437").decode("cp437"))) == "Äpfel"
