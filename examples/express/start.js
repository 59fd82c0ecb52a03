// node start.js <example> ... serves examples such as keyledger/shared-key on the port PORT, 3000 unless set, and those after it.
const port = Number(process.env.PORT ?? 3000);
for (const [index, example] of process.argv.slice(2).entries()) {
  const { app } = await import(`./${example}.js`);
  const server = app.listen(port && port + index, '127.0.0.1', (error) => {
    if (error) {
      throw error;
    }
    console.log(`${example}: http://127.0.0.1:${server.address().port}/users`);
  });
}
