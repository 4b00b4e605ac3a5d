#include "operators/llm/prompt_library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "operators/llm/embedded_prompts.h"
#include "operators/llm/prompt_names.h"

namespace treesmith {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// A value for every name of a template that says which it is.
PromptValues AllValues(std::string_view name) {
  PromptValues values;
  for (const std::string_view known : FindPromptRow(name)->names) {
    values[std::string(known)] = "<" + std::string(known) + ">";
  }
  return values;
}

class PromptFolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = TemporaryFolder::Make("prompts");
    ASSERT_TRUE(made.ok());
    folder_.emplace(*std::move(made));
  }
  void Put(const std::string& file, const std::string& text) {
    const auto path = folder_->path() / file;
    ASSERT_TRUE(MakeFolders(path.parent_path()).ok());
    ASSERT_TRUE(WriteFile(path, text).ok());
  }
  Result<PromptLibrary> Load() { return PromptLibrary::Load(folder_->path()); }
  std::string Complaint() {
    const auto loaded = Load();
    if (loaded.ok()) return "";
    EXPECT_EQ(loaded.error().kind, ErrorKind::kBadInput);
    return loaded.error().message + " | " + loaded.error().hint;
  }

  std::optional<TemporaryFolder> folder_;
};

TEST_F(PromptFolderTest, TheProgramsOwnPromptsPassEveryCheck) {
  EXPECT_EQ(Complaint(), "");
}

TEST_F(PromptFolderTest, EveryEmbeddedPromptIsUsed) {
  for (const EmbeddedPrompt& prompt : EmbeddedPrompts()) {
    EXPECT_TRUE(prompt.name.starts_with(kPartsFolder) ||
                FindPromptRow(prompt.name) != nullptr)
        << prompt.name;
  }
}

TEST_F(PromptFolderTest, EveryNameThatIsGivenIsToldByOneOfTheSets) {
  const PromptLibrary library = PromptLibrary::Builtin();
  for (const PromptRow& row : PromptRows()) {
    std::string text = library.Render(row.name, AllValues(row.name));
    if (row.name.starts_with("a")) {
      // A name may be for one operator alone.
      for (const PromptRow& other : PromptRows()) {
        if (other.names.data() == row.names.data()) {
          text += library.Render(other.name, AllValues(other.name));
        }
      }
    }
    for (const std::string_view name : row.names) {
      const bool condition =
          name == "hidden" || name == "reported" || name == "metric_wanted";
      if (!condition) {
        EXPECT_THAT(text, HasSubstr("<" + std::string(name) + ">"));
      }
    }
  }
}

TEST_F(PromptFolderTest, AFileReplacesTheProgramsOwn) {
  Put("system.mustache", "Be quick.");
  const auto library = Load();
  ASSERT_TRUE(library.ok());
  EXPECT_EQ(library->Render("system", {}), "Be quick.");
  EXPECT_NE(library->Render("again", AllValues("again")), "");
}

TEST_F(PromptFolderTest, APartIsReplacedInEveryPromptThatIncludesIt) {
  Put("parts/answer-script.mustache", "Only code.");
  const auto library = Load();
  ASSERT_TRUE(library.ok());
  EXPECT_THAT(library->Render("aide/draft", AllValues("aide/draft")),
              HasSubstr("Only code."));
}

TEST_F(PromptFolderTest, ValuesAreTextAndNeverTemplates) {
  Put("again.mustache", "{{reason}}");
  const auto library = Load();
  ASSERT_TRUE(library.ok());
  const std::string reason = R"(f"{{advice}}" <b> & "quotes")";
  EXPECT_EQ(library->Render("again", {{"reason", reason}, {"advice", "no"}}),
            reason);
}

TEST_F(PromptFolderTest, AConditionOfAnEmptyTextIsFalse) {
  Put("again.mustache", "{{reason}}{{#advice}} so {{advice}}{{/advice}}");
  const auto library = Load();
  ASSERT_TRUE(library.ok());
  EXPECT_EQ(library->Render("again", {{"reason", "r"}, {"advice", ""}}), "r");
}

TEST_F(PromptFolderTest, AMistypedNameIsRefusedWithItsLineAndTheNearest) {
  Put("aira/improve.mustache", "{{code}}\n{{! a\ncomment }}\n{{memroy}}");
  EXPECT_THAT(Complaint(),
              HasSubstr("aira/improve: line 4: unknown name 'memroy' | the "
                        "nearest names are memory"));
}

TEST_F(PromptFolderTest, AMistypedNameInAPartIsRefused) {
  Put("parts/situation.mustache", "{{nois}}{{refused}}");
  EXPECT_THAT(Complaint(), HasSubstr("parts/situation: line 1: unknown name"));
}

TEST_F(PromptFolderTest, APromptThatKeepsBackWhatMattersIsRefused) {
  Put("aide/debug.mustache", "Repair it. {{refused}}");
  EXPECT_THAT(Complaint(), HasSubstr("aide/debug: it lacks {{code}}"));
}

TEST_F(PromptFolderTest, MalformedTemplatesAreRefused) {
  Put("again.mustache", "{{#reason}}{{reason}}");
  EXPECT_THAT(Complaint(), HasSubstr("read prompt again: "));
  Put("again.mustache", "{{reason");
  EXPECT_THAT(Complaint(), HasSubstr("read prompt again: "));
  Put("again.mustache", "{{=<% %>=}}<%reason%>");
  EXPECT_THAT(Complaint(), HasSubstr("tags other than"));
}

TEST_F(PromptFolderTest, AnUnknownPartIsRefused) {
  Put("again.mustache", "{{reason}}{{> parts/nothing}}");
  EXPECT_THAT(Complaint(), HasSubstr("no part is called 'parts/nothing'"));
}

TEST_F(PromptFolderTest, AFileOfNoKnownNameIsRefused) {
  Put("aira/drafts.mustache", "x");
  EXPECT_THAT(Complaint(),
              HasSubstr("no prompt is called 'aira/drafts.mustache' | the "
                        "nearest names are aira/draft.mustache"));
}

TEST(PromptLibraryTest, AMissingFolderIsOneClearLine) {
  const auto loaded = PromptLibrary::Load("/nowhere/prompts");
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().message,
            "read prompts /nowhere/prompts: No such file or directory");
}

}  // namespace
}  // namespace treesmith
