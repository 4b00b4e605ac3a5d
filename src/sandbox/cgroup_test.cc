#include "sandbox/cgroup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;

TEST(ParseCgroupMountsTest, VersionTwoHasOneGroupForAll) {
  const auto mounts = ParseCgroupMounts(
      "proc /proc proc rw 0 0\n"
      "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n",
      "0::/user.slice/session-1.scope\n");
  ASSERT_EQ(mounts.size(), 1U);
  EXPECT_EQ(mounts[0].version, CgroupVersion::kTwo);
  EXPECT_EQ(mounts[0].mount, "/sys/fs/cgroup");
  EXPECT_EQ(mounts[0].own, "/sys/fs/cgroup/user.slice/session-1.scope");
}

TEST(ParseCgroupMountsTest, VersionOneHasAGroupForEachController) {
  const auto mounts = ParseCgroupMounts(
      "cgroup /cg/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n"
      "cgroup /cg/memory cgroup rw,memory 0 0\n"
      "cgroup /cg/systemd cgroup rw,name=systemd 0 0\n",
      "4:memory:/a/b\n2:cpu,cpuacct:/\n1:name=systemd:/\n0::/\n");
  ASSERT_EQ(mounts.size(), 2U);
  EXPECT_EQ(mounts[0].controller, "cpuacct");
  EXPECT_EQ(mounts[1].controller, "memory");
  EXPECT_EQ(mounts[1].own, "/cg/memory/a/b");
}

// A group's folder with files as the kernel would show them.
class CgroupFilesTest : public testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(WriteFile(folder_.path() / name, text).ok());
  }
  std::string Read(const std::string& name) {
    auto text = ReadFile(folder_.path() / name);
    return text.ok() ? *std::move(text) : "(absent)";
  }
  Cgroup Group(CgroupVersion version, const std::string& controller) {
    return Cgroup({{version, controller, folder_.path()}});
  }
  TemporaryFolder folder_ = *TemporaryFolder::Make("cgroup-test");
};

TEST_F(CgroupFilesTest, VersionTwoTakesItsLimits) {
  Write("memory.max", "max\n");
  Write("memory.swap.max", "max\n");
  Write("pids.max", "max\n");
  Cgroup group = Group(CgroupVersion::kTwo, "");
  ASSERT_TRUE(group.SetLimits({.memory_bytes = 1000, .processes = 20}).ok());
  EXPECT_TRUE(Read("memory.max").starts_with("1000"));
  EXPECT_TRUE(Read("memory.swap.max").starts_with("0"));
  EXPECT_TRUE(Read("pids.max").starts_with("20"));
}

TEST_F(CgroupFilesTest, VersionTwoIsReadByName) {
  Write("memory.events", "low 0\nhigh 0\nmax 31\noom 2\noom_kill 1\n");
  Write("memory.peak", "4096\n");
  Write("pids.events", "max 7\n");
  Write("cpu.stat", "usage_usec 1500\nuser_usec 1000\n");
  const Cgroup group = Group(CgroupVersion::kTwo, "");
  EXPECT_EQ(group.MemoryKills(), 1);
  EXPECT_EQ(group.PeakMemoryBytes(), 4096);
  EXPECT_EQ(group.RefusedForks(), 7);
  EXPECT_EQ(group.Cpu(), std::chrono::microseconds(1500));
}

TEST_F(CgroupFilesTest, VersionOneIsReadByName) {
  Write("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
  Write("memory.max_usage_in_bytes", "8192\n");
  const Cgroup group = Group(CgroupVersion::kOne, "memory");
  EXPECT_EQ(group.MemoryKills(), 3);
  EXPECT_EQ(group.PeakMemoryBytes(), 8192);
  EXPECT_EQ(group.RefusedForks(), 0);
}

TEST_F(CgroupFilesTest, ALimitThatCannotBeSetIsAnError) {
  Cgroup group = Group(CgroupVersion::kTwo, "");
  EXPECT_FALSE(group.SetLimits({.memory_bytes = 1000}).ok());
}

}  // namespace
}  // namespace treesmith
