"""C2PA: a signed account of how a film was made, inside the file. Needs the extra ``provenance``.

The account is signed last, because any later change of a byte, a copy by ffmpeg included, voids it.
Without a certificate of the user's own, one is made on this machine and kept in the user's data
folder: readers then call the signature valid and the signer unknown, which is the truth.
"""

from __future__ import annotations

import datetime
import io
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL import Image

from playreel.errors import MediaError, MissingExtraError
from playreel.media.atomic import write_bytes
from playreel.media.clip import Clip
from playreel.recipe import Recipe

_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_VALID_DAYS = 3650
_MAX_INGREDIENTS = 200


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Whose signature a film gets.

    Attributes:
        certificates: PEM chain, the signer's own first.
        key: PEM of its private key, EC on P-256.
    """

    certificates: bytes
    key: bytes

    def __repr__(self) -> str:
        return "<Signer>"  # a key is never printed

    @classmethod
    def open(cls, certificates: str | os.PathLike[str], key: str | os.PathLike[str]) -> Signer:
        """The user's own certificate, from two PEM files.

        Raises:
            MediaError: a file that cannot be read, or is no PEM.
        """
        read = []
        for path, word in ((certificates, b"CERTIFICATE"), (key, b"PRIVATE KEY")):
            try:
                data = Path(path).read_bytes()
            except OSError as error:
                raise MediaError(f"Cannot read {path}: {error.strerror}.") from error
            if b"-----BEGIN" not in data or word not in data:
                raise MediaError(f"{path} is not a PEM file with a {word.decode().lower()} in it.")
            read.append(data)
        return cls(certificates=read[0], key=read[1])


def can_sign() -> bool:
    """Whether the extra is installed."""
    return find_spec("c2pa") is not None and find_spec("cryptography") is not None


def local_signer(folder: Path | None = None) -> Signer:
    """This machine's signer, made on first use.

    Args:
        folder: where it is kept; by default the user's data folder.

    Raises:
        MissingExtraError: the extra is not installed.
        StorageError: it cannot be kept.
    """
    _need()
    folder = folder or _data_folder() / "signing"
    certificates, key = folder / "certificates.pem", folder / "key.pem"
    if not (certificates.is_file() and key.is_file()):
        chain, private = _new_chain()
        write_bytes(key, private)
        key.chmod(0o600)
        write_bytes(certificates, chain)
    return Signer.open(certificates, key)


def sign_film(path: Path, signer: Signer, recipe: Recipe, sources: Sequence[Clip]) -> None:
    """Signs a finished film in place.

    Args:
        path: an MP4 file; must not be changed afterwards.
        signer: whose signature.
        recipe: how the film was made.
        sources: the takes in it, which become ingredients.

    Raises:
        MissingExtraError: the extra is not installed.
        MediaError: the certificate cannot sign.
    """
    _need()
    import c2pa

    generated = all(take.recipe is not None for take in sources)
    kind = "compositeWithTrainedAlgorithmicMedia"
    manifest = {
        "claim_generator_info": [{"name": "Playreel", "version": _version()}],
        "title": path.name,
        "format": "video/mp4",
        "assertions": [
            {
                "label": "c2pa.actions",
                "data": {
                    "actions": [
                        {
                            "action": "c2pa.created",
                            "digitalSourceType": _SOURCE
                            + ("trainedAlgorithmicMedia" if generated else kind),
                        }
                    ]
                },
            },
            {"label": "org.playreel.recipe", "data": json.loads(recipe.to_json())},
        ],
    }
    signed = path.with_name(f"{path.stem}.signed{path.suffix}")
    info = c2pa.C2paSignerInfo(b"es256", signer.certificates, signer.key, None)
    try:
        with c2pa.Builder(manifest) as builder, c2pa.Signer.from_info(info) as by:
            seen: set[str] = set()
            for take in sources:
                if take.content_hash not in seen and len(seen) < _MAX_INGREDIENTS:
                    seen.add(take.content_hash)
                    builder.add_ingredient(_ingredient(take), "image/png", _poster(take))
            with path.open("rb") as source, signed.open("w+b") as target:
                builder.sign(by, "video/mp4", source, target)
        signed.replace(path)
    except c2pa.C2paError as error:
        raise MediaError(
            f"The film could not be signed: {error}. Check the certificate, or export with "
            "sign=False."
        ) from error
    finally:
        signed.unlink(missing_ok=True)


def read_account(path: str | os.PathLike[str]) -> dict[str, Any] | None:
    """The signed account in a file, checked; None where there is none.

    Returns:
        ``state`` (``"Valid"``, ``"Trusted"`` or ``"Invalid"``), ``faults`` (codes of what is
        wrong) and ``manifest``.

    Raises:
        MissingExtraError: the extra is not installed.
    """
    _need()
    import c2pa

    try:
        with c2pa.Reader(str(path)) as reader:
            document = json.loads(reader.json())
            state = reader.get_validation_state()
    except c2pa.C2paError as error:
        if "ManifestNotFound" in str(error) or "no JUMBF" in str(error):
            return None
        raise MediaError(f"The account in {path} cannot be read: {error}.") from error
    manifest = document["manifests"][document["active_manifest"]]
    results = document.get("validation_results", {}).get("activeManifest", {})
    faults = [entry.get("code", "") for entry in results.get("failure", [])]
    return {"state": state, "faults": faults, "manifest": manifest}


def _ingredient(take: Clip) -> dict[str, Any]:
    made = take.recipe.operation if take.recipe else "footage"
    return {
        "title": f"{made} {take.content_hash[:12]}",
        "relationship": "componentOf",
        "instance_id": f"playreel:{take.content_hash}",
    }


def _poster(take: Clip) -> io.BytesIO:
    buffer = io.BytesIO()
    Image.fromarray(take.frames[0]).save(buffer, format="PNG")
    buffer.seek(0)
    return buffer


def _need() -> None:
    if not can_sign():
        raise MissingExtraError(
            "Signing films needs the extra 'provenance': pip install 'playreel[provenance]'"
        )


def _version() -> str:
    from playreel import __version__

    return __version__


def _data_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "playreel"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "playreel"


def _new_chain() -> tuple[bytes, bytes]:
    """A root and a signer of its own, as C2PA's certificate profile wants them."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def name(common: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Playreel on this machine"),
                x509.NameAttribute(NameOID.COMMON_NAME, common),
            ]
        )

    now = datetime.datetime.now(datetime.UTC)
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    made = []
    for is_root in (False, True):
        public = (root_key if is_root else key).public_key()
        usage = x509.KeyUsage(
            digital_signature=not is_root,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=is_root,
            crl_sign=is_root,
            encipher_only=False,
            decipher_only=False,
        )
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(name("Local root" if is_root else "Local signer"))
            .issuer_name(name("Local root"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=_VALID_DAYS))
            .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(authority, critical=False)
        )
        if not is_root:
            purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
            builder = builder.add_extension(purpose, critical=False)
        made.append(builder.sign(root_key, hashes.SHA256()))
    chain = b"".join(c.public_bytes(serialization.Encoding.PEM) for c in made)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return chain, private
