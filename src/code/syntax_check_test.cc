#include "code/syntax_check.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace treesmith {
namespace {

std::string Problem(std::string_view script) {
  const std::optional<SyntaxProblem> problem = CheckSyntax(script);
  return problem ? Describe(*problem) : "none";
}

constexpr std::string_view kModern =
    "def f(x: int = 3, /, *, y) -> dict[str, int]:\n"
    "    if (n := len(y)) > 3:\n        return {**y}\n"
    "    return f'{x!r:>{n}}'\n";

TEST(CheckSyntaxTest, TakesWhatPythonTakes) {
  for (const std::string_view script :
       {"",
        "\n",
        "# c",
        "if a:\n    x = (b *\n c[:, 1])\n    y = (\n 1 + # d\n2)\n",
        "x = 1",
        "if a:\n\tb\n",
        "x = [\n1,\n  2]\n",
        "s = '''a\n b\n'''\n",

        "x = 'a' \\\n 'b'\n",
        "if a: b\nelse: c\n",
        "\xEF\xBB\xBFx = 1\n",
        "s = 'it\\'s $ ?'\n",
        "def f():\n    return 1\n",
        "for i in a:\n    break\nelse:\n    pass\n",
        "f(*a, b=1, **c)\n",
        "x = {1: 2}['a':]\n",
        "\xC3\xA4 = 1\n",
        "class C:\n\n  # c\n    # d\n  x = 1\n",
        "x: int = 1; y = 2\n",
        "if a:\r\n  b\r\n",
        "lambda: 0\n",
        "x = f\"{a!r:>{b}}\"\n",
        "while a:\n  if b:\n    continue\n",
        "print(a, file=b)\n",
        "match f:\n    case [1, *_]:\n        print(\"'\")\n"}) {
    EXPECT_EQ(Problem(script), "none") << script;
  }
}

using Case = std::pair<std::string_view, std::string_view>;
class Broken : public ::testing::TestWithParam<Case> {};

TEST_P(Broken, IsToldByLineAndCause) {
  EXPECT_EQ(Problem(GetParam().first), GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(
    CheckSyntaxTest, Broken,
    ::testing::Values(
        Case("a\nx = (1,\ny = 2\n", "line 2: '(' was never closed: `x = (1,`"),
        Case("x = 1)\n", "line 1: unmatched ')': `x = 1)`"),
        Case("x = (\n1]\n",
             "line 2: closing parenthesis ']' does not match opening "
             "parenthesis '(' on line 1: `1]`"),
        Case("x = 'a\n", "line 1: unterminated string literal: `x = 'a`"),
        Case("a\n'''b\nc\n",
             "line 2: unterminated triple-quoted string literal: `'''b`"),
        Case("if a:\n    b\n  c\n",
             "line 3: unindent does not match any outer indentation level: "
             "`c`"),
        Case("if a:\nb\n",
             "line 2: expected an indented block after line 1: `b`"),
        Case("if a:\n",
             "line 1: expected an indented block after line 1: "
             "`if a:`"),
        Case("a\n  b\n", "line 2: unexpected indent: `b`"),
        Case("if a\n  b\n", "line 1: expected ':': `if a`"),
        Case("if a:\n\tb\n        c\n",
             "line 3: inconsistent use of tabs and spaces in indentation: "
             "`c`"),
        Case("x = \xE2\x80\x98"
             "a'\n",
             "line 1: invalid character '\xE2\x80\x98': `x = \xE2\x80\x98"
             "a'`"),
        Case("print 'a'\n",
             "line 1: missing parentheses in call to 'print': `print 'a'`"),
        Case("x = 1\nreturn x\n",
             "line 2: 'return' outside function: `return x`"),
        Case("def f():\n  break\n", "line 2: 'break' outside loop: `break`"),
        Case("f(a=1, a=2)\n",
             "line 1: keyword argument repeated: a: `f(a=1, a=2)`"),
        Case("f(a=1, 2)\n",
             "line 1: positional argument follows keyword argument: "
             "`f(a=1, 2)`"),
        Case("# c\nx = = 1\n", "line 2: invalid syntax at '=': `x = = 1`"),
        Case("x = a\\ b\n",
             "line 1: unexpected character after line continuation "
             "character: `x = a\\ b`")));

TEST(CheckSyntaxTest, RefusesNestingThatPythonRefuses) {
  const std::string deep(201, '(');
  EXPECT_EQ(CheckSyntax(deep + std::string(201, ')'))->cause,
            "too many nested parentheses");
}

TEST(CheckSyntaxTest, TakesModernPython) {
  EXPECT_EQ(Problem(kModern), "none");
}

TEST(CheckSyntaxTest, SeesWhatModelsGetWrong) {
  for (const auto& [script, line] :
       {Case("a = 1\nb = = 2\n", "line 2: "), Case("print 'x'\n", "line 1: "),
        Case("def f(:\n  pass\n", "line 1: "), Case("x = (1,\n", "line 1: ")}) {
    EXPECT_EQ(Problem(script).substr(0, line.size()), line) << script;
  }
}

}  // namespace
}  // namespace treesmith
