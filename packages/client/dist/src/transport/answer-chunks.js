const NEWS = ["readable", "end", "error", "close"];
/** Throws the error that ended the stream early. A reader that leaves also ends the stream. */
export async function* answerChunks(stream) {
    let wake = () => undefined;
    const onNews = () => wake();
    for (const event of NEWS)
        stream.on(event, onNews);
    try {
        for (;;) {
            const chunk = stream.destroyed ? null : stream.read();
            if (chunk !== null)
                yield chunk;
            else if (stream.errored !== null)
                throw stream.errored;
            else if (stream.readableEnded)
                return;
            else if (stream.destroyed)
                throw new CutOff();
            else {
                await new Promise((resolve) => {
                    wake = resolve;
                });
            }
        }
    }
    finally {
        for (const event of NEWS)
            stream.off(event, onNews);
        if (!stream.readableEnded)
            stream.destroy();
    }
}
/** Its code is Node's own, which connect-node knows. */
class CutOff extends Error {
    name = "CutOff";
    code = "ERR_STREAM_PREMATURE_CLOSE";
    constructor() {
        super("the answer was cut off");
    }
}
