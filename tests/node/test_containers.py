"""Container ids and pod uids as the engines write them into control groups, and the kubelet's names."""

from pathlib import Path

import pytest

from probe.node import containers
from probe.node.containers import Name

ID = "3f1c" * 16
OTHER = "0a2b" * 16
POD = "6f1d9d1a-3c1b-4c59-9f77-0f6f2d1c9b11"
UNDERSCORED = POD.replace("-", "_")
SLICE = f"kubepods-burstable-pod{UNDERSCORED}.slice"


@pytest.mark.parametrize(
    ("cgroup", "wanted"),
    [
        (f"0::/system.slice/docker-{ID}.scope\n", (ID, "")),
        (f"0::/docker/{ID}\n", (ID, "")),
        (f"12:cpu,cpuacct:/docker/{ID}\n11:memory:/docker/{ID}\n", (ID, "")),
        (f"0::/kubepods.slice/kubepods-burstable.slice/{SLICE}/cri-containerd-{ID}.scope\n", (ID, POD)),
        (f"0::/kubepods.slice/kubepods-burstable.slice/{SLICE}/crio-{ID}.scope/container\n", (ID, POD)),
        (f"0::/kubepods/besteffort/pod{POD}/{ID}\n", (ID, POD)),
        (f"4:pids:/kubepods/pod{POD}/{ID}\n0::/\n", (ID, POD)),
        (f"0::/system.slice/containerd.service/{SLICE}:cri-containerd:{ID}\n", (ID, "")),
        (f"0::/../../{SLICE}/cri-containerd-{ID}.scope\n", (ID, POD)),
        (f"0::/../docker-{ID}.scope\n", (ID, "")),
        (f"0::/machine.slice/libpod-{ID}.scope/container\n", (ID, "")),
        (f"0::/kubepods.slice/{SLICE}/crio-conmon-{ID}.scope\n", ("", "")),
        ("0::/system.slice/ssh.service\n", ("", "")),
        ("0::/\n", ("", "")),
        (f"0::/user.slice/{ID[:63]}\n", ("", "")),
        (f"0::/docker/{ID[:63]}g\n", ("", "")),
        ("", ("", "")),
    ],
)
def test_ids_in_control_groups(cgroup: str, wanted: tuple[str, str], tmp_path: Path) -> None:
    """Both versions, both drivers, a private namespace; no container where none is named."""
    (tmp_path / "cgroup").write_text(cgroup)
    (tmp_path / "mountinfo").write_text("22 1 0:21 / / rw - ext4 /dev/vda1 rw\n")
    assert containers.of_process(str(tmp_path)) == wanted


def test_an_id_by_the_files_of_the_engine(tmp_path: Path) -> None:
    """In a private cgroup namespace that begins at the container, its mounts still name it."""
    (tmp_path / "cgroup").write_text("0::/\n")
    line = f"310 300 8:1 /var/lib/docker/containers/{ID}/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n"
    (tmp_path / "mountinfo").write_text(line)
    assert containers.of_process(str(tmp_path)) == (ID, "")


def test_names_by_the_links_of_the_kubelet(tmp_path: Path) -> None:
    """Names may hold dashes and dots, and other files are nobody's name."""
    for name in (
        f"web-5d7_shop_app-{ID}.log",
        f"db.0_data_pg-14-{OTHER}.log",
        "README",
        f"a_b-{ID}.log",
        "x_y_z.log",
    ):
        (tmp_path / name).symlink_to("/nowhere")
    assert containers.names(str(tmp_path)) == {
        ID: Name("shop", "web-5d7", "app"),
        OTHER: Name("data", "db.0", "pg-14"),
    }
    assert containers.names(str(tmp_path / "missing")) == {}
