#include "sandbox/python_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/subprocess.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;

TEST(FindPythonTest, TheSystemsInterpreterNeedsNoFolderButUsr) {
  const auto python = FindPython({.flag = "/usr/bin/python3"});
  ASSERT_TRUE(python.ok()) << python.error().message;
  EXPECT_TRUE(python->version.starts_with("3."));
  EXPECT_TRUE(python->roots.empty());
}

TEST(FindPythonTest, AnEnvironmentsFolderIsEnough) {
  const auto folder = TemporaryFolder::Make("venv-test");
  ASSERT_TRUE(folder.ok());
  const fs::path venv = folder->path() / "venv";
  const auto made = RunCommand(
      {"/usr/bin/python3", "-m", "venv", "--without-pip", venv.string()},
      {"PATH=/usr/bin:/bin"}, std::chrono::seconds(60));
  ASSERT_TRUE(made.ok());
  ASSERT_EQ(made->end.exit_code, 0) << made->output;
  const auto python = FindPython({.environment = venv.string()});
  ASSERT_TRUE(python.ok()) << python.error().message;
  EXPECT_EQ(python->executable, venv / "bin" / "python3");
  EXPECT_THAT(python->roots, testing::Contains(venv));
}

TEST(FindPythonTest, InstalledPackagesAreListedByTheirPublishedNames) {
  const auto folder = TemporaryFolder::Make("packages-test");
  ASSERT_TRUE(folder.ok());
  const fs::path venv = folder->path() / "venv";
  const auto made = RunCommand(
      {"/usr/bin/python3", "-m", "venv", "--without-pip", venv.string()},
      {"PATH=/usr/bin:/bin"}, std::chrono::seconds(60));
  ASSERT_TRUE(made.ok());
  const auto bare = FindPython({.flag = venv.string()});
  ASSERT_TRUE(bare.ok());
  EXPECT_TRUE(bare->packages.empty());
  const std::string minor = bare->version.substr(0, bare->version.rfind('.'));
  const fs::path info = venv / "lib" / ("python" + minor) / "site-packages" /
                        "scikit_learn-1.2.3.dist-info";
  ASSERT_TRUE(MakeFolders(info).ok());
  ASSERT_TRUE(WriteFile(info / "METADATA",
                        "Metadata-Version: 2.1\nName: scikit-learn\n"
                        "Version: 1.2.3\n\nName: not a header\n")
                  .ok());
  const auto python = FindPython({.flag = venv.string()});
  ASSERT_TRUE(python.ok());
  ASSERT_EQ(python->packages.size(), 1U);
  EXPECT_EQ(python->packages[0].name, "scikit-learn");
  EXPECT_EQ(python->packages[0].version, "1.2.3");
}

TEST(FindPythonTest, ANamedInterpreterThatIsNotThereIsBadInput) {
  const auto python = FindPython({.flag = "/nowhere/python"});
  ASSERT_FALSE(python.ok());
  EXPECT_EQ(python.error().kind, ErrorKind::kBadInput);
  EXPECT_EQ(python.error().message,
            "find the Python of --python: no program at /nowhere/python");
}

TEST(FindPythonTest, AProgramThatIsNoPythonIsBadInput) {
  const auto python = FindPython({.environment = "/bin/true"});
  ASSERT_FALSE(python.ok());
  EXPECT_EQ(python.error().kind, ErrorKind::kBadInput);
}

}  // namespace
}  // namespace treesmith
