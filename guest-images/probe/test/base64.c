#include "base64.h"
#include "test.h"

void test_base64(void)
{
	static const struct { const char *raw, *text; } pair[] = {	/* RFC 4648, section 10 */
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "foobar", "Zm9vYmFy" },
	};
	static const unsigned char high[] = { 0xff, 0xfe, 0xfd, 0xff };
	char text[16];

	for (size_t i = 0; i < sizeof(pair) / sizeof(pair[0]); i++) {
		size_t n = base64(pair[i].raw, strlen(pair[i].raw), text);

		CLAIM(n == BASE64_LENGTH(strlen(pair[i].raw)));
		text[n] = '\0';
		CLAIM_TEXT(text, pair[i].text);
	}
	text[base64(high, sizeof(high), text)] = '\0';
	CLAIM_TEXT(text, "//79/w==");
}
