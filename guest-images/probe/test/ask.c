#include "ask.h"
#include "test.h"

static const char *parse(const char *line, int64_t *id, char name[32])
{
	return ask_parse(line, strlen(line), id, name, 32);
}

void test_ask(void)
{
	static const char *const bad[] = {
		"", "{}", "{\"cmd\":\"property\",\"id\":1}", "{\"cmd\":\"property\",\"id\":1,\"property\":7}", "{\"cmd\":\"property\",\"id\":1,\"property\":\"\"}",
		"{\"cmd\":\"property\",\"id\":1,\"property\":\"../dma\"}", "{\"cmd\":\"property\",\"id\":1,\"property\":\"DMA\"}",
		"{\"cmd\":\"property\",\"id\":1,\"property\":\"a-name-much-longer-than-any-that-there-is\"}", "{\"cmd\":\"property\",\"id\":-1,\"property\":\"dma\"}",
		"{\"cmd\":\"property\",\"id\":1,\"property\":\"dma\"",
	};
	char name[32];
	int64_t id;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!parse(bad[i], &id, name))
			fprintf(stderr, "taken as good: %s\n", bad[i]);
		CLAIM(parse(bad[i], &id, name));
	}
	CLAIM(!parse("{\"cmd\":\"property\",\"id\":9,\"property\":\"dma-contig\"}", &id, name) && id == 9);
	CLAIM_TEXT(name, "dma-contig");
}
